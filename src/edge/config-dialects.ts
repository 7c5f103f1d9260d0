/** The shape of the section `dialects`: one vendor's API after the other, each with what all have in common. */
import Type, { type TProperties } from 'typebox'
import { flag, list, section, text, whole } from './config-shapes.ts'

const { Optional } = Type

const hostName = text('must be a host name', '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$')
const prefix = text('must be a path such as /ringcx, without a slash at the end', '^(/[A-Za-z0-9_-]{1,64}){1,4}$')

const surface = <P extends TProperties>(own: P) =>
  section({ enabled: flag(true), hosts: list(hostName), prefix: Optional(prefix), tokenSeconds: Optional(whole(1, 86_400)), ...own })

export const dialects = section({
  voipnow: surface({
    updateStatus: Type.Enum([202, 200], { default: 202 }),
    emptyStatus: Type.Enum([200, 204], { default: 200 }),
    createShape: Type.Enum(['array', 'object'], { default: 'array' }),
    lenientJson: flag(true),
    errorSpelling: Type.Enum(['documented', 'corrected'], { default: 'documented' }),
    expiredTokenStatus: Type.Enum([401, 403], { default: 401 }),
    numberStyle: Type.Enum(['string', 'number'], { default: 'string' }),
  }),
  yeastar: surface({
    flavour: Type.Enum(['auto', 'openvox', 'yeastar'], { default: 'auto' }),
    maxMonitors: Type.Integer({ minimum: 0, maximum: 100, default: 0 }),
  }),
  ringcx: surface({ pageBase: Type.Enum([0, 1], { default: 0 }) }),
  newvoicemedia: surface({ strictVersions: flag(false) }),
  smartflo: surface({}),
})
