import assert from 'node:assert/strict'
import { describe, test, before } from 'node:test'
import { spawn } from 'node:child_process'
describe('outer', () => { test('bad', () => assert.equal(1, 2)); test('s', { skip: 'no sipp' }, () => {}); test('ok', () => { console.log('hello'); spawn('sleep', ['7777']) }) })
test('parent', async (t) => { await t.test('kid', () => { throw new Error('boo') }) })
describe('hook', () => { before(() => { throw new Error('hook') }); test('never', () => {}) })
test('todo', { todo: true }, () => {})
