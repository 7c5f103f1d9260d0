/** Every route that demands a credential, but for the streams. */
import type { Browsers } from './browsers.ts'
import { callActRoutes } from './call-acts.ts'
import { callRoutes } from './calls.ts'
import { directoryRoutes } from './directory.ts'
import { historyRoutes } from './history.ts'
import { lineRoutes } from './lines.ts'
import type { Office } from './office.ts'
import { partyRoutes } from './parties.ts'
import { peopleRoutes } from './people.ts'
import { recordingAudioRoutes } from './recording-audio.ts'
import { peakRoutes } from './recording-peaks.ts'
import { recordingRoutes } from './recordings.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './sessions.ts'
import { softphoneRoutes } from './softphone.ts'
import { supervisionRoutes } from './supervisions.ts'
import { webhookActRoutes } from './webhook-acts.ts'
import { webhookRoutes } from './webhooks.ts'

export const allRoutes = (office: Office, browsers: Browsers | undefined): readonly Route[] => [
  ...callRoutes(office),
  ...callActRoutes(office),
  ...partyRoutes(office),
  ...supervisionRoutes(office),
  ...lineRoutes(office),
  ...directoryRoutes(office),
  ...softphoneRoutes(office),
  ...historyRoutes(office),
  ...peopleRoutes(office),
  ...webhookRoutes(office),
  ...webhookActRoutes(office),
  ...recordingRoutes(office),
  ...recordingAudioRoutes(office),
  ...peakRoutes(office),
  ...(browsers === undefined ? [] : sessionRoutes(office, browsers)),
]
