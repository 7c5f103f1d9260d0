/** Listening: nobody hears the supervisor. */
import { act } from './acts.ts'
import { assertSupervised, supervising } from './supervision.ts'

act('monitor', supervising('monitor'), { check: assertSupervised('monitor') })
