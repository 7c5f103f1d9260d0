import { missing } from '../../testkit/programs.ts'
import { Sipp } from '../../testkit/softphones/sipp.ts'
import { playScenario } from './scenario.ts'

playScenario('SIPp', { customer: Sipp.start, agent: Sipp.start, supervisor: Sipp.start }, { skip: missing('sipp') })
