import { OwnPhone } from '../../testkit/softphones/own.ts'
import { playScenario } from '../interop/scenario.ts'

playScenario('testkit phones', { customer: OwnPhone.start, agent: OwnPhone.start, supervisor: OwnPhone.start }, { skip: false })
