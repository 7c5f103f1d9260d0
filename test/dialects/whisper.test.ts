/** Whispering: the agent hears the supervisor, the customer does not. */
import { act } from './acts.ts'
import { assertSupervised, supervising } from './supervision.ts'

act('whisper', supervising('whisper'), { check: assertSupervised('whisper') })
