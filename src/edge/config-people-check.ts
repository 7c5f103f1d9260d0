/** People who sign in: their names, passwords and permissions, and the providers that vouch for them. */
import { verbsOf } from '../directory/permissions.ts'
import type { Configuration } from './config-schema.ts'
import { isPasswordHash } from './passwords.ts'
import type { Problem } from './settings.ts'
import { twice } from './twice.ts'

type Account = Configuration['accounts'][number]
type User = Account['users'][number]
type Oidc = Pick<NonNullable<Configuration['oidc']>, 'issuer'>

export function signInProblems(account: Account, at: string): readonly Problem[] {
  const groups = new Set(account.groups.map(({ id }) => id))
  const named = (key: 'username' | 'email') =>
    account.users.flatMap((user, i) => {
      const value = user[key]
      return value === undefined ? [] : [{ key: `${at}.users[${i}].${key}`, value: value.toLowerCase(), shown: value }]
    })
  return [
    ...twice(named('username')),
    ...twice(named('email')),
    ...account.users.flatMap((user, i) => [
      ...passwordProblems(user, `${at}.users[${i}]`),
      ...permissionProblems(user, { key: `${at}.users[${i}].permissions`, groups }),
    ]),
    ...oidcProblems(account.oidc, `${at}.oidc`),
  ]
}

function passwordProblems({ username, password }: User, at: string): readonly Problem[] {
  if (password === undefined) return []
  const why = 'must be the hash that "npx sotto hash-password" prints (scrypt$…), never the password itself'
  return [
    ...(isPasswordHash(password) ? [] : [{ key: `${at}.password`, why }]),
    ...(username === undefined ? [{ key: `${at}.username`, why: 'is required beside a password' }] : []),
  ]
}

interface Place {
  readonly key: string
  readonly groups: ReadonlySet<string>
}

function permissionProblems({ role, permissions }: User, { key, groups }: Place): readonly Problem[] {
  const given = permissions?.groups ?? 'all'
  const unknown = given === 'all' ? [] : given.map((id, i) => ({ id, i })).filter(({ id }) => !groups.has(id))
  const beyond = (permissions?.verbs ?? []).map((verb, i) => ({ verb, i })).filter(({ verb }) => !verbsOf(role).includes(verb))
  return [
    ...unknown.map(({ id, i }) => ({ key: `${key}.groups[${i}]`, why: `there is no group ${id}` })),
    ...beyond.map(({ verb, i }) => ({ key: `${key}.verbs[${i}]`, why: `the role ${role} does not include ${verb}` })),
  ]
}

/** Whoever reads the way to the provider can sign in as anybody. */
export function oidcProblems(oidc: Oidc | undefined, at: string): readonly Problem[] {
  if (oidc === undefined) return []
  const key = `${at}.issuer`
  if (!URL.canParse(oidc.issuer)) return [{ key, why: 'must be an https URL' }]
  const { protocol, hostname } = new URL(oidc.issuer)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return protocol === 'https:' || isHere ? [] : [{ key, why: 'must be an https URL; http is for the machine itself only' }]
}
