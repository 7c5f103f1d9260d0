/** Shapes of queries and bodies, for the OpenAPI document. */
import Type from 'typebox'

const { Optional } = Type
const words = (description: string) => Optional(Type.String({ description }))
const number = (description: string) => Optional(Type.Union([Type.String(), Type.Number()], { description }))

export const listQuery = Type.Object({
  count: number('Entries on a page, 1 to 5000; default 20.'),
  startIndex: number('The first of the page, 0 to 5000.'),
  filterBy: words('id or published; of presence extension, of queue agents agentNumber, queue or status.'),
  filterOp: words('contains, equals, greaterThan, inArray, lessThan, present or startsWith; default equals.'),
  filterValue: words('What it is compared with.'),
  fields: words('Names of members, with commas between them; default all.'),
  sortOrder: words('ascending or descending.'),
})

export const actionBody = Type.Object({
  action: Type.String({
    description:
      'Whisper, Monitor, BargeIn, PickUp, Park, UnPark, OnHold, OffHold, StartRecording, StopRecording, Transfer or TransferToVoicemail.',
  }),
  sendCallTo: words('Whose phone is called; of Transfer any number.'),
  phoneCallViewId: number('The view that is meant.'),
  callerId: words('What that phone shows: John Doe <+3334444>.'),
  waitForPickup: number('Seconds; default 25.'),
  private: number('1: the whisperer hears nobody.'),
  maxInParking: number('Seconds, 10 to 3600; default 180.'),
  format: words('wav or wav49.'),
  transferFromNumber: words('Who leaves the call.'),
  transferNumber: words('Who stays in it.'),
})

export const createQuery = Type.Object({
  waitForPickup: number('Seconds; default 25.'),
  callDuration: number('Seconds after which an answered call ends.'),
  number: words('The conference, of conferenceInvite.'),
  pin: words('Its PIN.'),
  fields: words('Names of members, with commas between them; default all.'),
})

export const createBody = Type.Object({
  extension: Type.String({ description: 'Whose call it is.' }),
  phoneCallView: Type.Array(
    Type.Object({
      source: Type.Union([Type.String(), Type.Array(Type.String())], { description: 'Rings first.' }),
      destination: Type.Union([Type.String(), Type.Array(Type.String())]),
      callerId: words('John Doe <+3334444>'),
      callerDestination: words('What the destination shows: John Doe <+3334444>.'),
    }),
  ),
  nonce: words('Given back; the same one again within a day gives the first call.'),
})

export const agentBody = Type.Object({ status: Type.String({ description: '0 logged out, 1 online, 2 paused.' }) })

export const eventBody = Type.Object({
  type: number('0 Dial-In, 1 Dial-Out, 2 Hangup, 3 incoming answered, 4 outgoing answered.'),
  url: words('Where the event goes.'),
  method: number('0 GET, 1 POST.'),
  status: number('0 off, 1 on.'),
  note: words('For people.'),
})

export const cdrQuery = Type.Object({
  ...listQuery.properties,
  source: words('A part of the number that called.'),
  destination: words('A part of the number that was called.'),
  startDate: words('Default: the first of the month.'),
  endDate: words('Default: now.'),
  saveStartDate: words('As startDate, of the end of the call.'),
  saveEndDate: words('As endDate, of the end of the call.'),
  disposition: number('0 answered, 1 busy, 2 failed, 3 no answer, 4 unknown, 5 not allowed.'),
  flow: number('2 local, 4 outgoing, 8 incoming.'),
})

export const tokenBody = Type.Object({
  grant_type: Type.String({ description: 'client_credentials, authorization_code or refresh_token.' }),
  client_id: Type.String(),
  client_secret: Type.String(),
  code: words('Of authorization_code.'),
  redirect_uri: words('As at the login page.'),
  refresh_token: words('Of refresh_token.'),
})
