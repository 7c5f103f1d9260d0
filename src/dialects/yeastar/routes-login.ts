/** Logging in, staying, leaving (contract openvox-yeastar, section 2). */
import type { Logins } from './login.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

const versions = ['v1', 'v2'] as const

const tiers = { v1: 'must', v2: 'should' } as const

const receiver = {
  port: maybe('Where reports go to, at the address of the client. 1 to 65535.'),
  url: maybe('The path of reports; with `urltag` 1, host, port and path.'),
  urltag: maybe('0 or 1.'),
  version: maybe('The form of reports: 1.0.0 where absent, 1.0.2, 2.0.0.'),
}

export const loginVerbs = (logins: Logins): readonly Verb[] =>
  versions.flatMap((version): readonly Verb[] => [
    {
      ...{ version, path: 'login', tier: tiers[version], open: true, summary: 'Log in: a token for half an hour after its last use' },
      body: { username: field('Name of the API user.'), password: field('MD5 of the password, 32 hex digits.'), ...receiver },
      refusals: ['parameter-missing', 'credentials-invalid', 'login-locked'],
      // W23: what has a token in it is kept by nobody on the way.
      headers: { 'Cache-Control': 'no-store' },
      admit: (ask) => logins.demandUnlocked(ask),
      carryOut: (request) => logins.login(request, version),
    },
    {
      ...{
        version,
        path: 'heartbeat',
        tier: tiers[version],
        need: 'read',
        summary: 'Keep the token; say where reports shall go from now on',
      },
      body: { ipaddr: maybe('Where reports go to.'), ...receiver },
      carryOut: (request) => logins.heartbeat(request),
    },
    {
      ...{ version, path: 'logout', tier: tiers[version], need: 'read', summary: 'End the token' },
      carryOut: (request) => logins.logout(request),
    },
  ])
