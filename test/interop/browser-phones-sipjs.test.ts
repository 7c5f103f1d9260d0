/** As browser-phones.test.ts, with the other library. */
import { missing } from '../../testkit/programs.ts'
import { BrowserPhone } from '../../testkit/softphones/browser.ts'
import { OwnPhone } from '../../testkit/softphones/own.ts'
import { playScenario } from './scenario.ts'

const cast = { customer: OwnPhone.start, agent: BrowserPhone.sipJs, supervisor: BrowserPhone.sipJs }
playScenario('SIP.js', cast, { skip: missing('chromium'), cannot: ['transfer'] })
