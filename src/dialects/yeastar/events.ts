/** Reports to programs that are logged in (contract openvox-yeastar, section 7): while their token lives, to the address that came with it. */
import type { OutEvent } from '../../control/command.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { House } from '../dialect.ts'
import type { Token } from '../tokens.ts'
import { cdrReport, wordsOfV1 } from './events-v1.ts'
import { cdrReportV2, wordsOfV2 } from './events-v2.ts'
import { type Happening, isToldOf, type Report, statusesIn, writtenReport } from './events-words.ts'
import { lifeMsOf } from './login.ts'
import { type Receiver, receiverNoted } from './login-report.ts'

const headers = { 'User-Agent': 'WebAPI', 'Content-Type': 'application/json' } as const

export function startReports(house: House): () => void {
  const stops = house.directory.accounts.flatMap(({ id }) => [
    house.desk.subscribe(id, (event) => tell(house, id, { event, to: (tokens) => !areAgents(tokens) })),
    house.untoldDesk.subscribe(id, (event) => tell({ ...house, desk: house.untoldDesk }, id, { event, to: areAgents })),
  ])
  return () => {
    for (const stop of stops) stop()
  }
}

type Tokens = readonly Token[]

/** Whoever shares an address with a supervisor is told what he is told. */
const areAgents = (tokens: Tokens): boolean => tokens.every(({ holder }) => holder.role === 'agent')

/** Nobody but who changed it knows that an extension was changed, so whoever changes it says so. */
export function configurationChanged(house: House, account: AccountId, extid: string): void {
  const rest = Object.entries({ type: 'extension', extid, operation: 'update' })
  const words = ({ format }: Receiver) => [{ name: format === '2.0.0' ? 'event' : 'action', what: 'ConfigChange', rest }] as const
  send(house, account, { words, to: () => true })
}

interface Telling {
  readonly event: OutEvent
  readonly to: (tokens: Tokens) => boolean
}

function tell(house: House, account: AccountId, { event, to }: Telling): void {
  if (!isToldOf(event)) return
  const happening: Happening = { event, zone: house.directory.account(account)?.timezone ?? 'UTC' }
  const statuses = statusesIn(house, account, event)
  const words = ({ format, flavour }: Receiver) =>
    format === '2.0.0'
      ? [...statuses('event', flavour), ...wordsOfV2(happening), ...cdrReportV2(happening)]
      : [...statuses('action', flavour), ...wordsOfV1(happening, format), ...cdrReport(happening)]
  send(house, account, { words, to })
}

interface Sending extends Pick<Telling, 'to'> {
  readonly words: (receiver: Receiver) => readonly Report[]
}

/** Two logins of one program, with one address, get one report. */
function send(house: House, account: AccountId, { words, to }: Sending): void {
  for (const { receiver, tokens } of receiversOf(house, account)) {
    if (!to(tokens)) continue
    for (const report of words(receiver)) {
      house.courier.send({
        ...{ account, dialect: 'yeastar', receiver: `yeastar ${account} ${receiver.url}`, method: 'POST', url: receiver.url },
        ...{ headers, body: writtenReport(report, account), success: 200, provenAddress: receiver.proven },
        delivered: () => renew(house, tokens),
      })
    }
  }
}

interface Receiving {
  readonly receiver: Receiver
  readonly tokens: Tokens
}

function receiversOf(house: House, account: AccountId): readonly Receiving[] {
  const groups = new Map<string, { receiver: Receiver; tokens: Token[] }>()
  for (const token of house.tokens.live(house.clock(), { dialect: 'yeastar', use: 'access' })) {
    const receiver = token.holder.account === account ? receiverNoted(token.notes) : undefined
    if (receiver === undefined || receiver.url === '') continue
    const group = groups.get(`${receiver.format} ${receiver.flavour} ${receiver.url}`)
    if (group === undefined) groups.set(`${receiver.format} ${receiver.flavour} ${receiver.url}`, { receiver, tokens: [token] })
    else group.tokens.push(token)
  }
  return [...groups.values()]
}

/** A report that was taken shows that the program is there; it brings no token back that has lapsed meanwhile. */
function renew(house: House, tokens: Tokens): void {
  const at = house.clock()
  for (const token of tokens) if (token.expiresAt > at) house.tokens.renew(at, token, lifeMsOf(house))
}
