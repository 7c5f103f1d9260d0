/** All torture messages: the 49 of RFC 4475 and the 12 of RFC 5118. The parser's tests run them, and so do the user agent's. */
import { applicationMessages } from './application.ts'
import type { TortureMessage } from './fixture.ts'
import { invalidMessages } from './invalid.ts'
import { ipv6Messages } from './ipv6.ts'
import { validMessages } from './valid.ts'

export const tortureMessages: readonly TortureMessage[] = [...validMessages, ...invalidMessages, ...applicationMessages, ...ipv6Messages]

export type { Expect, TortureMessage } from './fixture.ts'
