/** Softphones in a browser, as agents and supervisors: they register, call, are called, hold, transfer and are supervised over `/sip`. */
import { missing } from '../../testkit/programs.ts'
import { BrowserPhone } from '../../testkit/softphones/browser.ts'
import { OwnPhone } from '../../testkit/softphones/own.ts'
import { playScenario } from './scenario.ts'

const skip = missing('chromium')
const customer = OwnPhone.start

playScenario('JsSIP', { customer, agent: BrowserPhone.jsSip, supervisor: BrowserPhone.jsSip }, { skip })
