/** Templates of webhooks: JSON in which `$call_id` and its like stand for what happened (contract smartflo, section 7). */
import type { Variables } from './events-variables.ts'

/** What a receiver gets who has no template: the variables by their names, in the vendor's order. */
const usual: readonly string[] = [
  ...['uuid', 'call_id', 'call_to_number', 'caller_id_number', 'start_stamp', 'answer_stamp', 'end_stamp', 'hangup_cause', 'billsec'],
  ...['duration', 'digits_dialed', 'direction', 'call_status', 'call_connected', 'call_flow', 'answered_agent', 'answered_agent_name'],
  ...['answered_agent_number', 'missed_agent', 'recording_url', 'custom_identifier', 'ref_id'],
]

const usualTemplate = {
  ...Object.fromEntries(usual.map((name) => [name, `$${name}`])),
  // The vendor's own spelling has a space at its end, and receivers look for that one.
  'customer_no_with_prefix ': '$customer_no_with_prefix',
  customer_no_with_prefix: '$customer_no_with_prefix',
}

export function filled(template: string | undefined, values: Variables): object {
  const content = fill(objectOf(template) ?? usualTemplate, values)
  return typeof content === 'object' && content !== null ? content : {}
}

/** Undefined where there is none, or none that can be read: the receiver then gets everything. */
function objectOf(template: string | undefined): object | undefined {
  try {
    const parsed: unknown = JSON.parse(template ?? '')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function fill(template: unknown, values: Variables): unknown {
  if (typeof template === 'string') return fillText(template, values)
  if (Array.isArray(template)) return template.map((part: unknown) => fill(part, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, fill(part, values)]))
}

/** A text that is one variable becomes its value, whatever that is; within other words it becomes text. Unknown names stay as they are. */
function fillText(text: string, values: Variables): unknown {
  const [, only] = /^\$([a-z_]+)$/.exec(text) ?? []
  if (only !== undefined && Object.hasOwn(values, only)) return values[only]
  return text.replaceAll(/\$([a-z_]+)/g, (whole, name: string) => (Object.hasOwn(values, name) ? textOf(values[name]) : whole))
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
