import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { instant } from '../kernel/time.ts'
import { iceServers } from './ice-servers.ts'

const stun = { urls: ['stun:stun.example.com'] }
const turn = { urls: ['turn:turn.example.com:3478?transport=udp', 'turns:turn.example.com'] }
const own = { urls: ['turn:other.example.com'], username: 'sotto', credential: 'pw' }
const at = instant(Date.UTC(2026, 10, 20, 12, 0, 0, 250))

test('without a shared secret servers are told as they are configured', () => {
  assert.deepEqual(iceServers({ iceServers: [stun, turn, own], turnMinutes: 60 }, at, 'u1'), [stun, turn, own])
})

test('with one, a TURN server without a user name gets one that lapses, and its HMAC as the password', () => {
  const told = iceServers({ iceServers: [stun, turn, own], turnSecret: 'north', turnMinutes: 60 }, at, 'u1')
  const username = `${Date.UTC(2026, 10, 20, 13) / 1000}:u1`
  const credential = createHmac('sha1', 'north').update(username).digest('base64')
  assert.deepEqual(told, [stun, { ...turn, username, credential }, own])
})
