/** What was: calls, recordings, who could hear whom, and what receivers of webhooks did not take. */
import '../../../style/history.css'
import { type Section, sections } from '../../state/history-place.ts'
import { verbs } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { t } from '../../strings/index.ts'
import { AuditSection } from './audit.tsx'
import { CallsSection } from './calls.tsx'
import { hashTo, where } from './place.ts'
import { RecordingsSection } from './recordings.tsx'
import { WebhooksSection } from './webhooks.tsx'

const needs: Readonly<Record<Section, string>> = { calls: 'see', recordings: 'see', audit: 'audit', webhooks: 'administer' }
const views = { calls: CallsSection, recordings: RecordingsSection, audit: AuditSection, webhooks: WebhooksSection }

export default function HistoryPage() {
  const { section } = where.value
  const Shown = views[section]
  return (
    <section class="history" aria-labelledby="history-title">
      <header class="history-head">
        <h1 id="history-title">{t('nav.history')}</h1>
        <nav aria-label={h('sections')}>
          {sections.filter(mayLook).map((each) => (
            <a key={each} href={hashTo({ section: each })} aria-current={each === section ? 'page' : undefined}>
              {h(`section.${each}`)}
            </a>
          ))}
        </nav>
      </header>
      <div class="history-body">{mayLook(section) ? <Shown key={section} /> : <p class="empty">{h('forbidden')}</p>}</div>
    </section>
  )
}

const mayLook = (section: Section): boolean => verbs.value.has(needs[section])
