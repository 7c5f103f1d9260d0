/** All texts of the page come from here. Another language is another file with the same keys. */
import { en } from './en.ts'
import { textsOf } from './fill.ts'

export type Key = keyof typeof en

/** Why a call is over; a reason that the page does not know is shown as the server says it. */
export const endWords = (reason: string): string => (`end.${reason}` in en ? t(`end.${reason}` as Key) : reason)

export const t = textsOf(en)
