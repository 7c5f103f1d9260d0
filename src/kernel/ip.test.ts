import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ipv6Groups, isIpv4, isIpv6 } from './ip.ts'

describe('IP addresses', () => {
  for (const text of ['0.0.0.0', '192.0.2.1', '255.255.255.255']) it(`${text} is IPv4`, () => assert.ok(isIpv4(text)))
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.', '1.2.3.x', '1.2.3.-4', ' 1.2.3.4', '1.2.3.0004', '::1']) {
    it(`${JSON.stringify(text)} is no IPv4`, () => assert.ok(!isIpv4(text)))
  }

  const groups: Readonly<Record<string, readonly number[]>> = {
    '::': [0, 0, 0, 0, 0, 0, 0, 0],
    '::1': [0, 0, 0, 0, 0, 0, 0, 1],
    '1::': [1, 0, 0, 0, 0, 0, 0, 0],
    '2001:DB8::9:1': [0x2001, 0xdb8, 0, 0, 0, 0, 9, 1],
    '1:2:3:4:5:6:7:8': [1, 2, 3, 4, 5, 6, 7, 8],
    '1:2:3:4:5:6:7::': [1, 2, 3, 4, 5, 6, 7, 0],
    '::ffff:192.0.2.2': [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0202],
    '1:2:3:4:5:6:192.0.2.2': [1, 2, 3, 4, 5, 6, 0xc000, 0x0202],
  }
  for (const [text, expected] of Object.entries(groups)) it(`reads ${text}`, () => assert.deepEqual(ipv6Groups(text), expected))

  const bad = [
    '',
    ':',
    ':::',
    '1',
    '1:2',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1%eth0',
    '[::1]',
    ' ::1',
  ]
  for (const text of bad) it(`${JSON.stringify(text)} is no IPv6`, () => assert.ok(!isIpv6(text)))
})
