import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiTokens, failure, SmartfloOffice, sara } from '../../../testkit/smartflo-office.ts'

let office: SmartfloOffice
before(async () => {
  office = await SmartfloOffice.open()
})
after(() => office.close())

const statuses = async () => {
  const { data } = (await office.get('/v1/users')).json
  return Object.fromEntries(data.map(({ agent }: { agent: { id: string; status: number } }) => [agent.id, agent.status]))
}

describe('users', () => {
  test('one of them, byte for byte', async () => {
    const { status, text } = await office.get('/v1/users?limit=1&last_seen_id=4567')
    assert.equal(status, 200)
    assert.equal(
      text,
      '{"has_more":false,"count":1,"last_seen_id":502842370097,"data":[{"id":502842370097,"name":"Sara Monitor","agent":{"id":"0502842370097","name":"Sara Monitor","status":0,"follow_me_number":"+15554150123"},"login_id":"sara@example.com","is_login_based_calling_enabled":false,"is_international_outbound_enabled":true,"user_role":{"id":1,"name":"Supervisor"},"extension":"101","user_status":1}]}',
    )
  })

  test('pages in the order of ids, each user once', async () => {
    const seen: unknown[] = []
    let last = ''
    for (let more = true; more; ) {
      const { json } = await office.get(`/v1/users?limit=2${last}`)
      seen.push(...json.data.map(({ id }: { id: number }) => id))
      assert.equal(json.count, json.data.length)
      more = json.has_more
      last = `&last_seen_id=${json.last_seen_id}`
    }
    assert.deepEqual(seen, [106, 1234, 2012, 2013, 2102, 4567, 502842370097])
    assert.equal(
      (await office.get('/v1/users?last_seen_id=502842370098')).text,
      '{"has_more":false,"count":0,"last_seen_id":null,"data":[]}',
    )
  })

  test('what agents do', async () => {
    office.answered()
    office.ringing('+919812345671')
    await office.exchange.desk.request(
      { account: office.exchange.settings.accounts[0]?.id ?? assert.fail(), role: 'admin' },
      { kind: 'set-agent-state', agent: '106', state: 'away' },
    )
    const now = await statuses()
    assert.deepEqual([now['1234'], now['4567'], now['106'], now['2013'], now[sara]], [3, 3, 2, 4, 0])
    office.clear()
  })

  for (const [query, found] of [
    ['user_status=1', 7],
    ['user_status=true', 7],
    ['user_status=0', 0],
    ['is_extension_created=false', 0],
    ['is_login_based_calling=1', 0],
    ['is_login_based_calling=0', 7],
    ['is_international_calling=1', 7],
    ['is_web_login=0', 0],
  ] as const) {
    test(query, async () => assert.equal((await office.get(`/v1/users?${query}`)).json.count, found))
  }

  for (const [query, name] of [
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=many', 'limit'],
    ['last_seen_id=x', 'last_seen_id'],
    ['user_status=perhaps', 'user_status'],
  ] as const) {
    test(`refused: ${query}`, async () => {
      const { status, text } = await office.get(`/v1/users?${query}`)
      assert.deepEqual([status, text], [422, failure(`The ${name} field is invalid.`)])
    })
  }

  test('those of the own account', async () => {
    assert.deepEqual(
      (await office.get('/v1/users', apiTokens.other)).json.data.map(({ id }: { id: number }) => id),
      [7777],
    )
  })
})

describe('one user', () => {
  test('by his id, with or without its zeros', async () => {
    const whole =
      '{"data":{"id":502842370097,"name":"Sara Monitor","number":"+15554150123","agent":{"id":"0502842370097","intercom":101,"number":"+15554150123","agent_status":0,"extension":{"username":"0003*101","outbound_block":false}}}}'
    for (const id of [sara, '502842370097']) assert.equal((await office.get(`/v1/user/${id}`)).text, whole)
  })

  test('nobody, and nobody of another account', async () => {
    for (const id of ['999', '7777', 'sara', '..%2F']) {
      const { status, text } = await office.get(`/v1/user/${id}`)
      assert.deepEqual([status, text], [404, failure('User not found')])
    }
  })
})

describe('departments and numbers', () => {
  test('departments', async () => {
    const [sales, support, empty] = (await office.get('/v1/departments')).json
    assert.equal(
      JSON.stringify(sales),
      '{"id":"030","name":"Sales","ring_strategy":"longest_idle","agent_count":"2","use_as_queue":true,"queue_timeout":"600","timeout_dest_type":"hangup","timeout_destination":"1","agents":[{"id":"1234","name":"Paco Vu","eid":"1234","timeout":"20"},{"id":"4567","name":"Ana Ruiz","eid":"4567","timeout":"20"}],"intercom":"830"}',
    )
    assert.deepEqual([support.ring_strategy, support.intercom, empty.agent_count, empty.agents], ['simultaneously', '820', '0', []])
  })

  test('numbers', async () => {
    assert.equal(
      (await office.get('/v1/my_number')).text,
      '[{"id":18661234567,"did":"18661234567","name":"Sales","destination":"department||030"},{"id":18661234568,"did":"18661234568","name":"Ben Agent","destination":"extension||106"}]',
    )
    assert.equal((await office.get('/v1/my_number', apiTokens.other)).json[0].did, '18669999999')
  })
})
