/** Calls that somebody else fetches: parked, picked up, sent back into a queue, handed over while they are supervised. */
import {
  agent,
  call,
  callEnded,
  callGoesOn,
  coaches,
  colleague,
  conference,
  customer,
  executive,
  given,
  goesBackToTheQueue,
  hasLeft,
  hears,
  isDone,
  isPlayed,
  isRefused,
  secondSupervisor,
  story,
  supervisionEnded,
  supervisor,
  third,
  thus,
  to,
  when,
} from '../../testkit/story.ts'
import { stages } from '../../testkit/story-stages.ts'

const talking = given(call().between(customer, agent).answered())

story(
  'the agent parks the customer, and a colleague fetches him',
  stages,
  talking,
  when(agent.parks()),
  thus(isDone, hasLeft(agent, 'parked'), isPlayed(customer, 'hold-music'), callGoesOn, hears({})),
  when(colleague.isCalledToFetch()),
  thus(isDone, isPlayed(customer, 'hold-music'), hears({})),
  when(colleague.rings(), colleague.answers()),
  thus(isPlayed(customer, undefined), hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'the colleague does not come, and another one fetches the customer',
  stages,
  talking,
  when(agent.parks(), colleague.isCalledToFetch(), colleague.declines()),
  thus(callGoesOn, isPlayed(customer, 'hold-music')),
  when(third.isCalledToFetch(), third.answers()),
  thus(hears({ customer: [third], third: [customer] })),
)

story(
  'a parked customer hangs up',
  stages,
  talking,
  when(agent.parks(), colleague.isCalledToFetch(), customer.hangsUp()),
  thus(callEnded('hangup'), hasLeft(colleague, 'cancelled')),
)

story(
  'what cannot be parked or fetched',
  stages,
  given(call().between(customer, agent).ringing()),
  when(agent.parks()),
  thus(isRefused('wrong-state')),
  when(agent.answers(), colleague.isCalledToFetch()),
  thus(isRefused('wrong-state')),
  when(third.parks()),
  thus(isRefused('party-unknown')),
  when(agent.parks(), customer.is('removed')),
  thus(callEnded('removed')),
)

story(
  'a whisper to an agent who parks does not reach the customer, neither then nor when he is fetched',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), agent.parks()),
  thus(supervisionEnded(supervisor, 'target-left'), hears({})),
  when(colleague.isCalledToFetch(), colleague.answers()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'a customer whom one fetches who may not be supervised is not supervised any longer',
  stages,
  talking,
  when(supervisor.isCalledTo({ mode: 'monitor', target: to(customer) }), supervisor.answers(), agent.parks()),
  thus(hears({})),
  when(executive.isCalledToFetch(), executive.answers()),
  thus(supervisionEnded(supervisor, 'not-allowed'), hears({ customer: [executive], executive: [customer] })),
)

story(
  'a colleague picks up what rings at the agent’s',
  stages,
  given(call().between(customer, agent).ringing()),
  when(colleague.isCalledToPickUp()),
  thus(isDone, callGoesOn),
  when(colleague.answers()),
  thus(hasLeft(agent, 'answered-elsewhere'), hears({ customer: [colleague], colleague: [customer] })),
  when(third.isCalledToPickUp()),
  thus(isRefused('wrong-state')),
)

story(
  'the agent is faster than the colleague who picks up',
  stages,
  given(call().between(customer, agent).ringing()),
  when(colleague.isCalledToPickUp(), colleague.rings(), agent.answers()),
  thus(hasLeft(colleague, 'answered-elsewhere'), hears({ customer: [agent], agent: [customer] })),
)

story(
  'the customer goes back into a queue: agent and supervisors leave, he hears music until the next one answers',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), secondSupervisor.isCalledTo({ mode: 'monitor' }), goesBackToTheQueue),
  thus(
    isDone,
    callGoesOn,
    hasLeft(agent, 'transferred'),
    supervisionEnded(supervisor, 'target-left'),
    supervisionEnded(secondSupervisor, 'target-left'),
    isPlayed(customer, 'hold-music'),
    hears({}),
  ),
  when(colleague.rings()),
  thus(isPlayed(customer, 'hold-music')),
  when(colleague.answers()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'a customer on hold during a consultation goes back into a queue, and is not left on hold',
  stages,
  talking,
  when(agent.consults(third), third.answers(), goesBackToTheQueue),
  thus(hasLeft(agent, 'transferred'), hasLeft(third, 'transferred'), isPlayed(customer, 'hold-music')),
  when(colleague.answers()),
  thus(hears({ customer: [colleague], colleague: [customer] })),
)

story(
  'a hand-over under supervision: the agent is coached until the colleague answers, and the customer never hears the whisper',
  stages,
  talking,
  when(supervisor.whispers(to(agent))),
  thus(hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] })),
  when(agent.handsOverTo(colleague)),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] })),
  when(colleague.rings()),
  thus(hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] }), isPlayed(customer, undefined)),
  when(colleague.answers()),
  thus(
    hasLeft(agent, 'transferred'),
    coaches(supervisor, colleague),
    hears({ supervisor: [colleague, customer], colleague: [customer, supervisor], customer: [colleague] }),
  ),
)

story(
  'a hand-over that nobody takes leaves everything as it was',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), agent.handsOverTo(colleague), colleague.rings(), colleague.declines()),
  thus(coaches(supervisor, agent), hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] })),
)

story(
  'a hand-over to one who may not be supervised: the supervision ends with his answer, and not before',
  stages,
  talking,
  when(supervisor.monitors(), agent.handsOverTo(executive), executive.rings()),
  thus(hears({ supervisor: [agent, customer], agent: [customer], customer: [agent] })),
  when(executive.answers()),
  thus(supervisionEnded(supervisor, 'not-allowed'), hears({ customer: [executive], executive: [customer] })),
)

story(
  'a conference: one alone hears music, two talk, and it ends with the last',
  stages,
  given(conference(agent)),
  thus(isPlayed(agent, 'hold-music'), callGoesOn),
  when(colleague.isInvited(), colleague.rings()),
  thus(isDone, isPlayed(agent, 'hold-music')),
  when(colleague.answers(), supervisor.whispers(to(agent))),
  thus(hears({ agent: [colleague, supervisor], colleague: [agent], supervisor: [agent, colleague] })),
  when(agent.hangsUp()),
  thus(callGoesOn, hears({ colleague: [supervisor], supervisor: [colleague] })),
  when(supervisor.stopsSupervising()),
  thus(callGoesOn, isPlayed(colleague, 'hold-music')),
  when(colleague.hangsUp()),
  thus(callEnded('hangup'), hears({})),
)
