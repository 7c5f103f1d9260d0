/** Who may do what, as the server itself describes it: the rows of docs/permissions.md, and what the walk over the API expects. */
import { permissionsOf, type Verb, verbs, verbsOf } from '../../src/directory/permissions.ts'
import { keyRoles } from '../../src/directory/settings.ts'

export type Role = (typeof keyRoles)[number]

/** What groups change. `hidden`: a thing of others is answered as unknown. `left-out`: it is missing in lists. `whole`: whom groups limit is refused. */
export type Reach = 'hidden' | 'left-out' | 'whole' | 'own' | 'none'

export interface Row {
  readonly request: string
  readonly id: string
  /** One of them is enough. */
  readonly verbs: readonly Verb[]
  readonly roles: Readonly<Record<Role, 'yes' | 'own' | 'no'>>
  readonly reach: Reach
}

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly 'x-sotto-verbs'?: readonly Verb[]
  readonly 'x-sotto-own'?: true
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export function rowsOf(document: Document): readonly Row[] {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ request: `${method.toUpperCase()} ${path}`, operation })),
  )
  return operations.filter(({ operation }) => operation.security.length > 0).map(({ request, operation }) => rowOf(request, operation))
}

function rowOf(request: string, operation: Operation): Row {
  const wanted = operation['x-sotto-verbs']
  if (wanted === undefined) throw new Error(`${request} does not say what it needs`)
  const may = (role: Role) => wanted.length === 0 || wanted.some((verb) => verbsOf(role).includes(verb))
  const answer = (role: Role): Row['roles'][Role] => (!may(role) ? 'no' : role === 'agent' && operation['x-sotto-own'] ? 'own' : 'yes')
  const roles = { admin: answer('admin'), supervisor: answer('supervisor'), agent: answer('agent'), observer: answer('observer') }
  return { request, id: operation.operationId, verbs: wanted, roles, reach: reachOf(request, { id: operation.operationId, wanted }) }
}

const lists = /^(?:list(?:Calls|Supervisions|Agents|Extensions|Groups|Cdrs|Audit|Recordings)|stream(?:Events|Levels))$/

function reachOf(request: string, { id, wanted }: { readonly id: string; readonly wanted: readonly Verb[] }): Reach {
  if (/\/(?:lines|sessions?|me)(?:\/|$)/.test(request)) return 'own'
  if (/\{(?:call|supervision|agent|recording)\}/.test(request) || id === 'originateCall') return 'hidden'
  if (lists.test(id)) return 'left-out'
  return id === 'exportAudit' || wanted.includes('administer') ? 'whole' : 'none'
}

const signs = { yes: 'yes', own: 'own', no: '–' } as const
const reaches: Readonly<Record<Reach, string>> = {
  hidden: 'others’ are unknown',
  'left-out': 'others’ are left out',
  whole: 'refused',
  own: 'his own only',
  none: 'all the same',
}

export function documentOf(document: Document): string {
  const routes = rowsOf(document).map(({ request, verbs: wanted, roles, reach }) => [
    `\`${request.replace('/sotto/v1', '')}\``,
    wanted.map((verb) => `\`${verb}\``).join(', ') || 'signed in',
    ...(['admin', 'supervisor', 'agent', 'observer'] as const).map((role) => signs[roles[role]]),
    reaches[reach],
  ])
  const roles = verbs.map((verb) => [`\`${verb}\``, meanings[verb], ...keyRoles.map((role) => signs[permitted(role, verb)])])
  return [
    intro,
    tableText(['verb', 'is to', ...keyRoles], roles),
    between,
    tableText(['request', 'needs', 'admin', 'supervisor', 'agent', 'observer', 'whom groups limit'], routes),
    '',
  ].join('\n')
}

const ofOwn: readonly Verb[] = ['control', 'set-agent-state', 'record']

function permitted(role: Role, verb: Verb): 'yes' | 'own' | 'no' {
  if (!permissionsOf(role).verbs.includes(verb)) return 'no'
  return role === 'agent' && ofOwn.includes(verb) ? 'own' : 'yes'
}

const meanings: Readonly<Record<Verb, string>> = {
  see: 'see calls, agents, groups, events, call records and what is recorded',
  control: 'hold, mute, transfer, park, requeue, dispose of and end calls',
  'set-agent-state': 'say whether an agent takes calls; raise and lower hands',
  originate: 'start calls and invite into conferences',
  monitor: 'listen to a call',
  whisper: 'speak to one party of a call',
  barge: 'speak to all of a call',
  'take-over': 'take the agent’s place',
  record: 'start, pause and stop recording',
  'listen-recordings': 'hear recordings, see their waveforms and make links to them',
  audit: 'read who could hear whom',
  administer: 'webhooks, legal holds, deletion',
}

const tableText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .replaceAll('| --- ', '|---')
    .replaceAll('---|', '---|')

const intro = `# Who may do what

This page is made from the code by \`npm run docs\`, and a test walks every request with every role and holds it against these tables.

Whatever is not named here is not permitted. A credential of Sotto's own API has a role. A user of the configuration may have \`permissions\` beside it: \`verbs\` leaves of the
role's verbs only those that are named, and \`groups\` leaves of the account's calls and agents only those of these groups. Permissions take away and never add. They hold for whoever
signs in as that user, and for keys that name him.
`

const between = `
*own*: calls in which a phone of the user's takes part, and the state of the agents at his phones.

## Groups
A call belongs to the group that it came to and to the groups of all agents who were ever in it: whom groups limit sees it to its end, wherever it goes. To listen, speak, record or control he needs more:
one of his agents in the call now, or, while no agent is in it, his group's queue. When a call that he listens to goes to people beyond his groups, his supervision ends (\`not-allowed\`). Calls in
which his own phone takes part are always his to see, and extensions without an agent, and calls of no group, are not. What he may not see is answered like what does not exist. He listens by his
own phones and lines only, and neither changes the supervisions of others nor takes over by them; ending them he may.
Agents see nothing of supervision unless \`accounts[].supervision.visibleToAgents\` is true, and the audit is closed to them until then.

Every refused attempt to listen, speak, record, hear a recording or change anything stands in the audit: \`supervision.denied\`, \`access.denied\`.

Orders that come by a vendor's API are held against the permissions of the user whom the credential names, where it names one. What that API shows is not limited by groups.

## Requests
`
