import {
  agent,
  call,
  callEnded,
  callGoesOn,
  coaches,
  colleague,
  customer,
  executive,
  given,
  hasLeft,
  hears,
  isDone,
  isPlayed,
  isRefused,
  listener,
  nobody,
  remote,
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

const { desk } = stages
const talking = given(call().between(customer, agent).answered())

story(
  'a supervisor goes through all modes in place, and each answer means that it is in force',
  stages,
  talking,
  when(supervisor.monitors()),
  thus(hears({ supervisor: [agent, customer], agent: [customer], customer: [agent] })),
  when(supervisor.changesTo({ mode: 'whisper' })),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] })),
  when(supervisor.changesTo({ target: to(customer) })),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer], customer: [agent, supervisor] })),
  when(supervisor.changesTo({ mode: 'barge' })),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent, supervisor] })),
  when(supervisor.changesTo({ mode: 'whisper', target: 'agent', private: true })),
  thus(isDone, hears({ agent: [customer, supervisor], customer: [agent] })),
  when(supervisor.changesTo({ mode: 'monitor' })),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer], customer: [agent] })),
)

story(
  'the same supervisor asks again: another mode changes the first supervision, the same one is refused',
  stages,
  talking,
  when(supervisor.monitors()),
  when(supervisor.isCalledTo({ mode: 'whisper' })),
  thus(isDone, hears({ supervisor: [agent, customer], agent: [customer, supervisor], customer: [agent] })),
  when(supervisor.isCalledTo({ mode: 'whisper' })),
  thus(isRefused('already-supervised-by-you')),
)

story(
  'the mode of a supervisor whose phone still rings is changed: he comes in the new one',
  stages,
  talking,
  when(supervisor.isCalledTo({ mode: 'barge' }), supervisor.changesTo({ mode: 'monitor' })),
  thus(isDone),
  when(supervisor.answers()),
  thus(hears({ supervisor: [agent, customer], agent: [customer], customer: [agent] })),
)

story(
  'a supervisor leaves, and the call goes on',
  stages,
  talking,
  when(supervisor.barges(), supervisor.stopsSupervising()),
  thus(isDone, callGoesOn, supervisionEnded(supervisor, 'ended-by-request'), hears({ agent: [customer], customer: [agent] })),
  when(secondSupervisor.barges(), secondSupervisor.hangsUp()),
  thus(callGoesOn, supervisionEnded(secondSupervisor, 'hangup'), hears({ agent: [customer], customer: [agent] })),
  when(supervisor.isCalledTo({ mode: 'barge' }), supervisor.declines()),
  thus(callGoesOn, supervisionEnded(supervisor, 'declined')),
)

story(
  'removing the supervisor’s party ends his supervision',
  stages,
  talking,
  when(supervisor.barges(), supervisor.is('removed')),
  thus(isDone, supervisionEnded(supervisor, 'ended-by-request'), callGoesOn),
)

for (const who of [customer, agent]) {
  story(
    `the ${who.name} hangs up: supervision ends with the call`,
    stages,
    talking,
    when(supervisor.whispers(to(agent)), secondSupervisor.isCalledTo({ mode: 'monitor' }), who.hangsUp()),
    thus(callEnded('hangup'), supervisionEnded(supervisor, 'call-ended'), supervisionEnded(secondSupervisor, 'call-ended'), hears({})),
  )
}

story(
  'supervision follows the call to the next agent',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), agent.transfersTo(colleague), colleague.rings(), colleague.answers()),
  thus(
    coaches(supervisor, colleague),
    hears({ supervisor: [colleague, customer], colleague: [customer, supervisor], customer: [colleague] }),
  ),
)

story(
  'supervision of a target ends when he leaves',
  stages,
  talking,
  when(supervisor.whispers(to(agent), { follow: 'target' }), agent.transfersTo(colleague), colleague.answers()),
  thus(supervisionEnded(supervisor, 'target-left'), hears({ colleague: [customer], customer: [colleague] })),
)

story(
  'supervision does not follow the call to one who may not be supervised',
  stages,
  talking,
  when(supervisor.whispers(to(agent)), agent.transfersTo(executive), executive.answers()),
  thus(supervisionEnded(supervisor, 'not-allowed'), hears({ executive: [customer], customer: [executive] })),
)

story(
  'nor does the coaching of a customer whom one who may not be supervised takes on',
  stages,
  talking,
  when(supervisor.whispers(to(customer)), agent.transfersTo(executive), executive.answers()),
  thus(supervisionEnded(supervisor, 'not-allowed'), hears({ executive: [customer], customer: [executive] })),
)

story(
  'a call of one who may not be supervised is not supervised, whichever side is named',
  stages,
  given(call().between(customer, executive).answered()),
  when(supervisor.isCalledTo({ mode: 'monitor' })),
  thus(isRefused('supervision-not-allowed')),
  when(supervisor.isCalledTo({ mode: 'monitor', target: to(customer) })),
  thus(isRefused('supervision-not-allowed')),
)

story(
  'take-over: the supervisor handles the call, another supervision ends because he may not be supervised himself',
  stages,
  talking,
  when(supervisor.monitors(), secondSupervisor.monitors(), supervisor.takesOver()),
  thus(
    isDone,
    hasLeft(agent, 'taken-over'),
    supervisionEnded(supervisor, 'taken-over'),
    supervisionEnded(secondSupervisor, 'not-allowed'),
    hears({ supervisor: [customer], customer: [supervisor] }),
  ),
)

story(
  'take-over frees whom the agent had put on hold, and ends his consultation',
  stages,
  talking,
  when(supervisor.monitors(), agent.consults(colleague), colleague.rings(), supervisor.takesOver()),
  thus(isDone, hasLeft(agent, 'taken-over'), hasLeft(colleague, 'cancelled'), hears({ supervisor: [customer], customer: [supervisor] })),
)

story(
  'take-over in a conference replaces the target, and the others stay',
  stages,
  talking,
  when(agent.consults(third), third.answers(), customer.is('resumed'), supervisor.whispers(to(agent)), supervisor.takesOver()),
  thus(
    hasLeft(agent, 'taken-over'),
    hears({ supervisor: [third, customer], third: [supervisor, customer], customer: [supervisor, third] }),
  ),
)

story(
  'whoever takes over is no longer muted',
  stages,
  talking,
  when(supervisor.barges(), supervisor.is('muted'), supervisor.takesOver()),
  thus(hears({ supervisor: [customer], customer: [supervisor] })),
)

story(
  'a supervisor at a phone outside',
  stages,
  talking,
  when(remote.whispers(to(agent))),
  thus(hears({ 'remote supervisor': [agent, customer], agent: [customer, remote], customer: [agent] })),
)

story(
  'in a call between two agents the one who was called is the agent',
  stages,
  given(call().between(agent, colleague).answered()),
  when(supervisor.whispers(to('agent'))),
  thus(coaches(supervisor, colleague), hears({ supervisor: [agent, colleague], colleague: [agent, supervisor], agent: [colleague] })),
  when(supervisor.changesTo({ target: 'customer' })),
  thus(coaches(supervisor, agent), hears({ supervisor: [agent, colleague], colleague: [agent], agent: [colleague, supervisor] })),
)

story(
  'what the core refuses a supervisor',
  stages,
  given(call().between(customer, agent).ringing()),
  when(supervisor.isCalledTo({ mode: 'monitor' })),
  thus(isRefused('wrong-state')),
  when(agent.answers(), supervisor.isCalledTo({ mode: 'monitor', private: true })),
  thus(isRefused('parameter-invalid')),
  when(supervisor.isCalledTo({ mode: 'monitor', target: to(third) })),
  thus(isRefused('party-unknown')),
  when(supervisor.takesOver()),
  thus(isRefused('party-unknown')),
  when(supervisor.monitors(), secondSupervisor.isCalledTo({ mode: 'whisper', target: to(supervisor) })),
  thus(isRefused('parameter-invalid')),
  when(supervisor.changesTo({ mode: 'barge', private: true })),
  thus(isRefused('parameter-invalid')),
  when(supervisor.is('held')),
  thus(isRefused('wrong-state')),
  when(secondSupervisor.isCalledTo({ mode: 'barge' }), secondSupervisor.takesOver()),
  thus(isRefused('wrong-state')),
  when(supervisor.stopsSupervising(), supervisor.changesTo({ mode: 'barge' })),
  thus(isRefused('wrong-state')),
  when(supervisor.stopsSupervising()),
  thus(isDone),
)

story(
  'what the directory refuses a supervisor',
  { desk },
  talking,
  when(listener.isCalledTo({ mode: 'whisper' })),
  thus(isRefused('mode-not-allowed')),
  when(listener.monitors()),
  thus(hears({ listener: [agent, customer], agent: [customer], customer: [agent] })),
  when(listener.changesTo({ mode: 'barge' })),
  thus(isRefused('mode-not-allowed')),
  when(listener.takesOver()),
  thus(isRefused('mode-not-allowed')),
  when(agent.isCalledTo({ mode: 'monitor' })),
  thus(isRefused('mode-not-allowed')),
)

story(
  'after the end everything is refused',
  stages,
  talking,
  when(supervisor.monitors(), customer.hangsUp(), supervisor.changesTo({ mode: 'barge' })),
  thus(isRefused('call-ended')),
  when(supervisor.isCalledTo({ mode: 'barge' })),
  thus(isRefused('call-ended')),
  when(agent.is('held')),
  thus(isRefused('call-ended'), isPlayed(customer, undefined), hears({ customer: nobody })),
)
