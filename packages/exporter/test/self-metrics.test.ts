import {
  type BatchObservableCallback,
  type BatchObservableResult,
  type Meter,
  type Observable,
  metrics,
} from '@opentelemetry/api'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { createManualTime } from './support/manual-time.ts'
import { openTestLog, requestDraft } from './support/open.ts'

/** An SDK that the application sets up, as it does, after recording has begun. */
function setUpMetrics() {
  const callbacks = new Set<BatchObservableCallback>()
  const names = new Map<object, string>()
  const create = (name: string): Observable => {
    const instrument = { addCallback: () => undefined, removeCallback: () => undefined }
    names.set(instrument, name)
    return instrument
  }
  const meter: Partial<Meter> = {
    createObservableCounter: create,
    createObservableGauge: create,
    addBatchObservableCallback: (callback) => void callbacks.add(callback),
    removeBatchObservableCallback: (callback) => void callbacks.delete(callback),
  }
  metrics.setGlobalMeterProvider({ getMeter: () => meter as Meter })
  onTestFinished(() => metrics.disable())
  return (): Record<string, unknown> => {
    const seen: Record<string, unknown> = {}
    const result: BatchObservableResult = {
      observe: (instrument, value) => void (seen[names.get(instrument) ?? ''] = value),
    }
    for (const callback of callbacks) void callback(result)
    return seen
  }
}

describe('the meter', () => {
  it('shows what was accepted, delivered and lost, and what waits, once there is an SDK', async () => {
    const collector = await startCollector(() => 503)
    const time = createManualTime()
    const { clock, monotonicMillis, scheduler } = time
    const { log } = openTestLog(
      { directory: temporaryFolder(), endpoint: collector.url },
      { clock, monotonicMillis, scheduler },
    )
    const read = setUpMetrics()
    expect(read()).toEqual({})
    for (let number = 0; number < 5; number++) log.append(requestDraft(number))
    log.append({ type: 'oauth.request', time: 'yesterday' })
    time.advance(1_000)
    time.advance(500)
    log.append(requestDraft(5))
    const waiting = read()
    const { accepted, undeliveredBytes } = log.state()
    expect(accepted).toBeGreaterThan(6)
    expect(undeliveredBytes).toBeGreaterThan(5_000)
    expect(waiting).toEqual({
      'tokentrail.records.accepted': accepted,
      'tokentrail.records.delivered': 0,
      'tokentrail.records.lost': 1,
      'tokentrail.journal.undelivered.size': undeliveredBytes,
      'tokentrail.journal.undelivered.age': 0.5,
      'tokentrail.log.unsealed.age': 0.5,
    })
    collector.react = () => 200
    expect(await log.flush(10_000)).toBe(true)
    time.advance(1_000)
    expect(read()).toMatchObject({
      'tokentrail.records.delivered': accepted,
      'tokentrail.journal.undelivered.size': expect.any(Number),
    })
    await log.shutdown(10_000)
    expect(read()).toEqual({})
    await collector.close()
  })
})
