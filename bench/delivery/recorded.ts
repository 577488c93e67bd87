// Appends records to a log and has them delivered. Forked; told how many, answers with the CPU.
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import type { RecordDraft } from '@tokentrail/session'
import { buildRequests, type SampleRecord } from '../request-record.ts'
import type { DeliveryUsage } from './compare.ts'

const FLUSH_MILLIS = 60_000
const PORTION = 512

const started = once(process, 'worker') as Promise<[Worker]>
const settings = resolveExporterOptions({}, process.env)
const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
const [thread] = await started
const isOnline = once(thread, 'online')

/** As a recorder gives them: in the order of the text, lists frozen. */
function asRecorded(attributes: SampleRecord['attributes']): SampleRecord['attributes'] {
  const entries = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1))
  for (const [, value] of entries) Object.freeze(value)
  return Object.fromEntries(entries)
}

/** The facts of a sample at a time of this round, which the log's certificate must be valid at. */
function buildDrafts(count: number): RecordDraft[] {
  const now = BigInt(Date.now()) * 1_000_000n
  return buildRequests(count, count).map(
    ({ type, index, session, trace, span, attributes }: SampleRecord): RecordDraft => ({
      type,
      time: String(now + BigInt(index) * 1_000n),
      session,
      trace,
      span,
      attributes: asRecorded(attributes),
    }),
  )
}

async function deliver(count: number): Promise<DeliveryUsage> {
  const drafts = buildDrafts(count)
  await isOnline
  const before = await thread.cpuUsage()
  const start = { main: process.threadCpuUsage(), all: process.cpuUsage(), at: performance.now() }
  for (let at = 0; at < count; at += PORTION) {
    for (const draft of drafts.slice(at, at + PORTION)) log.append(draft)
    await new Promise(setImmediate)
  }
  const appended = process.threadCpuUsage(start.main)
  if (!(await log.flush(FLUSH_MILLIS))) throw new Error('not everything was delivered in a minute')
  const main = process.threadCpuUsage(start.main)
  const all = process.cpuUsage(start.all)
  const seconds = (performance.now() - start.at) / 1000
  const own = await thread.cpuUsage(before)
  return {
    emitMicros: (appended.user + appended.system) / count,
    mainMicros: (main.user + main.system) / count,
    processMicros: (all.user + all.system) / count,
    threadMicros: (own.user + own.system) / count,
    perSecond: count / seconds,
    rss: process.memoryUsage.rss(),
  }
}

process.on('message', ({ count }: { count: number }) => {
  void deliver(count).then((usage) => process.send?.(usage))
})
process.on('disconnect', () => {
  void log.shutdown(FLUSH_MILLIS).finally(() => process.exit())
})
process.send?.({ ready: true })
