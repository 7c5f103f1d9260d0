import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { permissionsOf, permits, type Verb, verbs, verbsOf } from './permissions.ts'
import { keyRoles } from './settings.ts'

describe('permissions', () => {
  test('each role includes the one before, and the admin has everything', () => {
    const inOrder = ['observer', 'agent', 'supervisor', 'admin'] as const
    for (const [i, role] of inOrder.entries()) {
      const less = inOrder[i - 1]
      if (less !== undefined)
        assert.ok(
          verbsOf(less).every((verb) => verbsOf(role).includes(verb)),
          role,
        )
    }
    assert.deepEqual(verbsOf('admin'), verbs)
  })

  test('nobody hears anybody, and nobody is heard, below a supervisor', () => {
    const hearing: readonly Verb[] = ['monitor', 'whisper', 'barge', 'take-over', 'listen-recordings']
    for (const role of ['observer', 'agent'] as const) assert.ok(hearing.every((verb) => !verbsOf(role).includes(verb)))
  })

  test('what is said of a user takes away from his role and never adds to it', () => {
    for (const role of keyRoles) {
      for (const verb of verbs) {
        const { verbs: left } = permissionsOf(role, { verbs: [verb] })
        assert.deepEqual(left, verbsOf(role).includes(verb) ? [verb] : [])
      }
      assert.deepEqual(permissionsOf(role, { verbs: [] }).verbs, [])
      assert.deepEqual(new Set(permissionsOf(role).verbs), new Set(verbsOf(role)))
    }
  })

  const limited = permissionsOf('supervisor', { groups: ['030', '200'] })
  for (const [groups, may] of [
    [['030'], true],
    [['400', '200'], true],
    [['400'], false],
    [[], false],
  ] as const) {
    test(`groups 030 and 200 ${may ? 'reach' : 'do not reach'} what belongs to ${groups.join(' and ') || 'none'}`, () => {
      assert.equal(permits(limited, 'monitor', { groups }), may)
      assert.equal(permits(permissionsOf('supervisor'), 'monitor', { groups }), true)
      assert.equal(permits(permissionsOf('supervisor', { groups: [] }), 'monitor', { groups }), false)
    })
  }

  test('a verb that is not there is not there for anything', () => {
    assert.equal(permits(limited, 'administer', { groups: ['030'] }), false)
    assert.equal(permits(limited, 'monitor'), true)
  })
})
