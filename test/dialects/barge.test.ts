/** Barging in: everybody hears everybody. */
import { act } from './acts.ts'
import { assertSupervised, supervising } from './supervision.ts'

act('barge', supervising('barge'), { check: assertSupervised('barge') })
