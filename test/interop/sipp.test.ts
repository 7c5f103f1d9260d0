import { missing } from '../../testkit/programs.ts'
import { Sipp } from '../../testkit/softphones/sipp.ts'
import { playScenario } from './scenario.ts'

const cast = { customer: Sipp.start, agent: Sipp.start, supervisor: Sipp.start }

playScenario('SIPp', cast, { skip: missing('sipp'), cannot: ['hold', 'transfer'] })
