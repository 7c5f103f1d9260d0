import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wavePath } from './wave.ts'

test('silence is a line, full scale fills the box, and nothing leaves it', () => {
  assert.equal(wavePath([]), '')
  assert.equal(wavePath([0, 1, 4]), 'M0,49.4L1,2L2,2L2,98L1,98L0,50.6Z')
})
