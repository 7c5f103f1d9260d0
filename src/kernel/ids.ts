import type { Brand } from './brand.ts'

export type AccountId = Brand<string, 'AccountId'>
export type CallId = Brand<string, 'CallId'>
export type PartyId = Brand<string, 'PartyId'>
export type SupervisionId = Brand<string, 'SupervisionId'>
/** The signalling and media of one party; the engine's handle, also the media process's. */
export type LegId = Brand<string, 'LegId'>
/** The mixing place of one call in a media process. A call's bridge bears the call's own id. */
export type BridgeId = Brand<string, 'BridgeId'>
/** A browser's or a program's audio connection to us; its media leg bears the same name. */
export type LineId = Brand<string, 'LineId'>
/** Ties an answer to the command that asked for it. */
export type RequestId = Brand<string, 'RequestId'>

export const accountId = (s: string): AccountId => s as AccountId
export const callId = (s: string): CallId => s as CallId
export const partyId = (s: string): PartyId => s as PartyId
export const supervisionId = (s: string): SupervisionId => s as SupervisionId
export const legId = (s: string): LegId => s as LegId
export const bridgeId = (s: string): BridgeId => s as BridgeId
export const lineId = (s: string): LineId => s as LineId
export const requestId = (s: string): RequestId => s as RequestId
