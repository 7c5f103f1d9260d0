/** Measurements by prom-client. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics, Sample } from '../api/metrics.ts'

export interface MetricsSettings {
  /** Asked at each scrape: the desk, the SIP layer, the media processes. */
  readonly sources: readonly (() => readonly Sample[])[]
  /** Numbers about this process; only one registry of a process should have them. */
  readonly ofProcess: boolean
}

export function createMetrics({ sources, ofProcess }: MetricsSettings): Metrics {
  const registry = new Registry()
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'sotto_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const board = new SampleBoard(registry)
  return {
    contentType: registry.contentType,
    exchange: ({ method, route, status, seconds }) => durations.observe({ method, route, status: String(status) }, seconds),
    async text() {
      board.show(sources.flatMap((source) => source()))
      return await registry.metrics()
    },
  }
}

/** Samples come with their names; the instrument of a name is made when it is first seen. */
class SampleBoard {
  readonly #registry: Registry
  readonly #instruments = new Map<string, Gauge | Counter>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  show(samples: readonly Sample[]): void {
    for (const instrument of this.#instruments.values()) instrument.reset()
    for (const sample of samples) this.#instrument(sample).inc(sample.labels, sample.value)
  }

  #instrument(sample: Sample): Gauge | Counter {
    const known = this.#instruments.get(sample.name)
    if (known !== undefined) return known
    const { name, help, kind, labels } = sample
    const configuration = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] }
    const made = kind === 'gauge' ? new Gauge(configuration) : new Counter(configuration)
    this.#instruments.set(name, made)
    return made
  }
}
