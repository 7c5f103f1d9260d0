import { missing } from '../../testkit/programs.ts'
import { Baresip } from '../../testkit/softphones/baresip.ts'
import { playScenario } from './scenario.ts'

playScenario('baresip', { customer: Baresip.start, agent: Baresip.start, supervisor: Baresip.start }, { skip: missing('baresip') })
