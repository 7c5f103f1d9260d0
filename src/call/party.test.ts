import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agents } from '../../testkit/people.ts'
import { legId, partyId } from '../kernel/ids.ts'
import { instant } from '../kernel/time.ts'
import { moveParty, type Party, type PartyState } from './party.ts'

const states: readonly PartyState[] = ['offered', 'inviting', 'ringing', 'answering', 'connected', 'ended']

/** A phone that calls us is answered or goes; one that we call rings or not, answers or goes; who has gone stays away. */
const possible = [
  ...['offered answering', 'offered ended', 'inviting ringing', 'inviting connected', 'inviting ended', 'ringing connected'],
  ...['ringing ended', 'answering connected', 'answering ended', 'connected ended'],
]

for (const from of states) {
  for (const to of states) {
    const isPossible = possible.includes(`${from} ${to}`)
    test(`a party ${from} ${isPossible ? 'becomes' : 'never becomes'} ${to}`, () => {
      const move = () => moveParty(partyThatIs(from), to)
      if (isPossible) assert.equal(move().state, to)
      else assert.throws(move, /Bug/)
    })
  }
}

function partyThatIs(state: PartyState): Party {
  const [endpoint] = agents
  assert.ok(endpoint)
  const flags = { accepted: false, muted: false, held: false, phoneHeld: false, offer: 0, ordinal: 1 }
  return { id: partyId('p'), leg: legId('l'), role: 'agent', endpoint, state, joinedAt: instant(0), ...flags }
}
