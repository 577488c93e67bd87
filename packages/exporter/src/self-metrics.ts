import { type BatchObservableCallback, type Meter, metrics } from '@opentelemetry/api'

/** What the meter shows of a log. */
export interface MetricReadings {
  /** Records that were kept. */
  readonly accepted: number
  /** Records and identity records that the receiver has accepted. */
  readonly delivered: number
  readonly lost: number
  readonly undeliveredBytes: number
  readonly undeliveredSeconds: number
  readonly unsealedSeconds: number
}

const METER = '@tokentrail/exporter'

/**
 * Shows how the log does, through the meter of OpenTelemetry: everything is read when it is
 * collected, nothing while records are appended.
 *
 * The API gives out no meter that a later SDK fills, so whoever owns this looks once a second
 * whether one was set up.
 */
export class SelfMetrics {
  readonly #read: () => MetricReadings
  readonly #version: string
  #provider: object | undefined
  #unbind: () => void = () => undefined

  constructor(read: () => MetricReadings, version: string) {
    this.#read = read
    this.#version = version
  }

  /** Goes over to the meter provider that is set up now, if it is another one. Never throws. */
  bind(): void {
    const provider = metrics.getMeterProvider()
    if (provider === this.#provider) return
    this.#provider = provider
    try {
      this.#unbind()
      this.#unbind = observe(provider.getMeter(METER, this.#version), this.#read)
    } catch {
      // A meter that takes no instruments costs the figures, not the records.
    }
  }

  stop(): void {
    this.#unbind()
    this.#unbind = () => undefined
  }
}

function observe(meter: Meter, read: () => MetricReadings): () => void {
  const accepted = meter.createObservableCounter('tokentrail.records.accepted', {
    unit: '{record}',
    description: 'Records that were kept in the journal.',
  })
  const delivered = meter.createObservableCounter('tokentrail.records.delivered', {
    unit: '{record}',
    description: 'Records, identity records included, that the receiver has accepted.',
  })
  const lost = meter.createObservableCounter('tokentrail.records.lost', {
    unit: '{record}',
    description: 'Records that could not be kept.',
  })
  const undeliveredBytes = meter.createObservableGauge('tokentrail.journal.undelivered.size', {
    unit: 'By',
    description: 'Bytes of the journal that were not delivered yet.',
  })
  const undeliveredSeconds = meter.createObservableGauge('tokentrail.journal.undelivered.age', {
    unit: 's',
    description: 'Age of the oldest record that was not delivered yet.',
  })
  const unsealedSeconds = meter.createObservableGauge('tokentrail.log.unsealed.age', {
    unit: 's',
    description: 'How long records have waited for a checkpoint that covers them.',
  })
  const callback: BatchObservableCallback = (result) => {
    const now = read()
    result.observe(accepted, now.accepted)
    result.observe(delivered, now.delivered)
    result.observe(lost, now.lost)
    result.observe(undeliveredBytes, now.undeliveredBytes)
    result.observe(undeliveredSeconds, now.undeliveredSeconds)
    result.observe(unsealedSeconds, now.unsealedSeconds)
  }
  const instruments = [
    accepted,
    delivered,
    lost,
    undeliveredBytes,
    undeliveredSeconds,
    unsealedSeconds,
  ]
  meter.addBatchObservableCallback(callback, instruments)
  return () => meter.removeBatchObservableCallback(callback, instruments)
}
