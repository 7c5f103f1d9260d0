import { missing } from '../../testkit/programs.ts'
import { Linphone } from '../../testkit/softphones/linphone.ts'
import { playScenario } from './scenario.ts'

playScenario('linphone', { customer: Linphone.start, agent: Linphone.start, supervisor: Linphone.start }, { skip: missing('linphonec') })
