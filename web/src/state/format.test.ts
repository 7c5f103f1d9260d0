import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, meterShare, percent, phoneNumber, roundDuration } from './format.ts'

test('durations', () => {
  assert.deepEqual([-5, 7_400, 754_000, 3_723_000].map(duration), ['0:00', '0:07', '12:34', '1:02:03'])
  assert.deepEqual([45_000, 720_000, 11_100_000].map(roundDuration), ['45 s', '12 min', '3 h 05'])
})

test('numbers are grouped and lose no digit; what is no E.164 number stays', () => {
  const shown = ['+441632960001', '+12025550143', '+35312345678'].map((number) => phoneNumber(number).replaceAll('\u202f', ' '))
  assert.deepEqual(shown, ['+44 1632 960 001', '+1 202 555 0143', '+353 12 345 678'])
  for (const number of ['+1202555', '+12025550', '+123456789012345']) assert.equal(phoneNumber(number).replace(/\u202f/g, ''), number)
  assert.equal(phoneNumber('anonymous'), 'anonymous')
})

test('shares', () => {
  assert.deepEqual([percent(1, 3), percent(0, 0)], ['33 %', '–'])
  assert.deepEqual([null, undefined, -127, -60, -36, -12, 0].map(meterShare), [0, 0, 0, 0, 0.5, 1, 1])
})
