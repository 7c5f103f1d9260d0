import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused } from '../../http/refused.ts'
import { callerIdOf, ownNumber, privateOf, secondsOf, textOf, viewIdOf, waitOf } from './request-fields.ts'

const refused = (name: string) => (cause: unknown) => cause instanceof Refused && cause.refusal.name === name

test('waitForPickup: seconds above 0, fractions rounded up, numbers and texts, both spellings', () => {
  for (const [fields, ms] of [
    [{}, 25_000],
    [{ waitForPickup: '20' }, 20_000],
    [{ waitForPickup: 20 }, 20_000],
    [{ waitForPickup: '0.2' }, 1_000],
    [{ waitForPickup: 1.5 }, 2_000],
    [{ waitForPickUp: '30' }, 30_000],
    [{ waitForPickup: '10', waitForPickUp: '30' }, 10_000],
    // The contract allows an hour; no phone here rings for longer than five minutes.
    [{ waitForPickup: 3600 }, 300_000],
  ] as const)
    assert.equal(waitOf(fields), ms, JSON.stringify(fields))
  for (const waitForPickup of ['0', 0, -1, '-1', 'soon', '', ' ', '1e2', 3600.5, '3601', true, {}, [], '0x10', Number.NaN])
    assert.throws(() => waitOf({ waitForPickup }), refused('waitForPickup'), String(waitForPickup))
})

test('private: 0 or 1 as number or text; booleans are refused', () => {
  for (const [value, says] of [
    [undefined, false],
    [0, false],
    ['0', false],
    [1, true],
    ['1', true],
  ] as const)
    assert.equal(privateOf(value === undefined ? {} : { private: value }), says)
  for (const value of [true, false, 'true', 2, '', '01', [], {}])
    assert.throws(() => privateOf({ private: value }), refused('private'), String(value))
})

test('callerId: a name and a number in angle brackets', () => {
  for (const [text, name, number] of [
    ['Whisper To Me <42420042>', 'Whisper To Me', '42420042'],
    ['John Doe <+3334444>', 'John Doe', '+3334444'],
    ['Ärger & Söhne<0003*024>', 'Ärger & Söhne', '0003*024'],
    ['  J  < 1 > ', 'J', '1'],
  ] as const)
    assert.deepEqual(callerIdOf({ callerId: text }), { name, number })
  assert.equal(callerIdOf({}), undefined)
  for (const callerId of [
    '42420042',
    '<42420042>',
    'John <>',
    'John <abc>',
    'John 42>',
    'J\r\nX <1>',
    `${'x'.repeat(130)} <1>`,
    '',
    7,
    true,
  ])
    assert.throws(() => callerIdOf({ callerId }), refused('callerId'), String(callerId))
})

test('phoneCallViewId: 1, "1" and "01" are one view', () => {
  for (const phoneCallViewId of [1, '1', '01', ' 01 ']) assert.equal(viewIdOf({ phoneCallViewId }), '01')
  assert.equal(viewIdOf({ phoneCallViewId: 12 }), '12')
  for (const phoneCallViewId of ['', 'x', '-1', 1.5, true, ['01'], '00001'])
    assert.throws(() => viewIdOf({ phoneCallViewId }), refused('phoneCallViewId'))
})

test('an extension is 210 or 0003*210, and never that of another organization', () => {
  const account = { code: '0003' }
  for (const [text, number] of [
    ['0003*210', '210'],
    ['210', '210'],
    [' 210 ', '210'],
    ['0004*210', undefined],
    ['3*210', undefined],
    ['0003*', undefined],
    ['*210', undefined],
    ['0003**210', undefined],
    ['+210', undefined],
  ] as const)
    assert.equal(ownNumber(account, text), number, text)
})

test('whole seconds within bounds', () => {
  const bounds = { least: 10, most: 3_600 }
  assert.equal(secondsOf({ maxInParking: '10' }, 'maxInParking', bounds), 10_000)
  assert.equal(secondsOf({}, 'maxInParking', bounds), undefined)
  for (const maxInParking of [9, '3601', 10.5, 'x', ''])
    assert.throws(() => secondsOf({ maxInParking }, 'maxInParking', bounds), refused('maxInParking'))
})

test('names of the prototype chain are no fields', () => {
  assert.equal(textOf({}, 'constructor'), undefined)
  assert.equal(textOf({}, 'toString'), undefined)
})
