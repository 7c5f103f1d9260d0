import {
  agent,
  call,
  callEnded,
  callGoesOn,
  colleague,
  customer,
  executive,
  given,
  hasLeft,
  hears,
  isDone,
  isPlayed,
  isRefused,
  story,
  supervisor,
  third,
  thus,
  to,
  when,
} from '../../testkit/story.ts'
import { stages } from '../../testkit/story-stages.ts'

const talking = given(call().between(customer, agent).answered())

story(
  'a blind transfer: the agent stays until the new phone rings, the customer hears it ringing',
  stages,
  talking,
  when(agent.transfersTo(colleague)),
  thus(isDone, hears({ agent: [customer], customer: [agent] })),
  when(colleague.rings()),
  thus(hasLeft(agent, 'transferred'), isPlayed(customer, 'ringback'), hears({})),
  when(colleague.answers()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'nobody takes a blind transfer: the phone that sent the customer away rings again, once',
  stages,
  talking,
  when(agent.transfersTo(colleague), colleague.rings(), colleague.declines()),
  thus(callGoesOn, isPlayed(customer, 'ringback')),
  when(agent.answers()),
  thus(hears({ customer: [agent], agent: [customer] })),
)

story(
  'the recalled agent does not answer either: the call ends',
  stages,
  talking,
  when(agent.transfersTo(colleague), colleague.rings(), colleague.declines(), agent.declines()),
  thus(callEnded('declined'), hears({})),
)

story(
  'a supervision that follows the call is there when a failed transfer comes back',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), agent.transfersTo(colleague), colleague.rings(), colleague.declines(), agent.answers()),
  thus(hears({ customer: [agent], agent: [customer, supervisor], supervisor: [agent, customer] })),
)

story(
  'the new phone cannot be reached before it rings: the agent has never left',
  stages,
  talking,
  when(agent.transfersTo(colleague), colleague.declines()),
  thus(callGoesOn, hears({ agent: [customer], customer: [agent] })),
  when(agent.transfersTo(third), third.answers()),
  thus(hears({ third: [customer], customer: [third] })),
)

story(
  'an attended transfer: the customer waits with music while the two speak, and is handed over when the agent leaves',
  stages,
  talking,
  when(agent.consults(colleague)),
  thus(isDone, isPlayed(customer, 'hold-music'), isPlayed(agent, 'ringback'), hears({})),
  when(colleague.answers()),
  thus(hears({ agent: [colleague], colleague: [agent] })),
  when(agent.hangsUp()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'the colleague declines: the agent has the customer back',
  stages,
  talking,
  when(agent.consults(colleague), colleague.declines()),
  thus(callGoesOn, hears({ agent: [customer], customer: [agent] })),
)

story(
  'the agent leaves a consultation that still rings: the customer waits, and if nobody answers the agent rings again',
  stages,
  talking,
  when(agent.consults(colleague), colleague.rings(), agent.hangsUp()),
  thus(callGoesOn, isPlayed(customer, 'ringback')),
  when(colleague.declines(), agent.answers()),
  thus(hears({ agent: [customer], customer: [agent] })),
)

story(
  'the customer leaves during the consultation: the two go on as an ordinary call',
  stages,
  talking,
  when(agent.consults(colleague), colleague.answers(), customer.hangsUp()),
  thus(callGoesOn, hears({ agent: [colleague], colleague: [agent] })),
  when(agent.hangsUp()),
  thus(callEnded('hangup')),
)

story(
  'a customer who was on hold before an attended transfer is not left there',
  stages,
  talking,
  when(customer.is('held'), agent.consults(colleague), colleague.answers(), agent.hangsUp()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'a customer who was on hold before a consultation that fails is on hold after it',
  stages,
  talking,
  when(customer.is('held'), agent.consults(colleague), colleague.declines()),
  thus(isPlayed(customer, 'hold-music'), hears({})),
)

story(
  'a customer on hold who is transferred blindly is not left there',
  stages,
  talking,
  when(customer.is('held'), agent.transfersTo(colleague), colleague.rings(), colleague.answers()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'what cannot be transferred',
  stages,
  given(call().between(customer, agent).ringing()),
  when(agent.transfersTo(colleague)),
  thus(isRefused('wrong-state')),
  when(agent.answers(), agent.transfersTo(agent)),
  thus(isRefused('wrong-state')),
  when(third.transfersTo(colleague)),
  thus(isRefused('party-unknown')),
  when(agent.transfersTo(colleague), agent.transfersTo(third)),
  thus(isRefused('wrong-state')),
  when(colleague.declines(), supervisor.monitors(), supervisor.transfersTo(third)),
  thus(isRefused('wrong-state')),
  when(agent.transfersTo(supervisor)),
  thus(isRefused('wrong-state')),
)

story(
  'nobody is told of a hold twice: the desk holds whom his own phone holds already',
  stages,
  talking,
  when(customer.holdsByPhone(), customer.is('held'), customer.resumesByPhone()),
  thus(isPlayed(customer, 'hold-music'), hears({})),
  when(customer.is('resumed')),
  thus(hears({ agent: [customer], customer: [agent] })),
)

story(
  'removing a party of a call of two ends it',
  stages,
  talking,
  when(customer.is('removed')),
  thus(isDone, callEnded('removed'), hasLeft(agent, 'call-ended'), hears({})),
)

story(
  'an outside line that is transferred to one who may not be supervised is like any other',
  stages,
  talking,
  when(agent.transfersTo(executive), executive.answers()),
  thus(hears({ customer: [executive], executive: [customer] })),
)
