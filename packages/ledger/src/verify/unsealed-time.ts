import type { LogAnalysis } from './log-analysis.ts'
import { readTimestamp } from './log-key.ts'
import type { LogReport } from './report.ts'

/** What is said of the time that a log without a close of its own left unsigned. */
export type UnsealedTime = Pick<LogReport, 'unsealedSeconds' | 'usualUnsealed'>

/**
 * Measures, for every log that did not close itself, the time from its last signed head to the next
 * sign of life: the start of the next log of its service and slot, else its own last record. Beside
 * it stands what is usual for other such logs of the service: a process that is killed leaves a
 * second or so unsigned, and a tail that was cut off leaves more.
 */
export function measureUnsealedTimes(
  logs: readonly LogAnalysis[],
): ReadonlyMap<string, UnsealedTime> {
  const starts = groupStarts(logs)
  const seconds = new Map<string, number>()
  for (const log of logs) {
    const found = log.closedAt === undefined ? measure(log, starts) : undefined
    if (found !== undefined) seconds.set(log.evidence.origin, found)
  }
  const services = groupSorted(seconds)
  const times = new Map<string, UnsealedTime>()
  for (const [origin, unsealedSeconds] of seconds) {
    const all = services.get(serviceOf(origin))!
    const usual = medianOfOthers(all, unsealedSeconds)
    times.set(origin, {
      unsealedSeconds,
      ...(usual !== undefined && { usualUnsealed: { seconds: usual, logs: all.length - 1 } }),
    })
  }
  return times
}

/** When the processes of each slot began, in order. */
function groupStarts(logs: readonly LogAnalysis[]): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>()
  for (const { key, evidence } of logs) {
    if (key !== undefined) push(starts, slotOf(evidence.origin), key.certificate.notBefore)
  }
  for (const list of starts.values()) list.sort((a, b) => a - b)
  return starts
}

function groupSorted(seconds: ReadonlyMap<string, number>): Map<string, readonly number[]> {
  const services = new Map<string, number[]>()
  for (const [origin, value] of seconds) push(services, serviceOf(origin), value)
  for (const list of services.values()) list.sort((a, b) => a - b)
  return services
}

function push(groups: Map<string, number[]>, name: string, value: number): void {
  const group = groups.get(name)
  if (group === undefined) groups.set(name, [value])
  else group.push(value)
}

/** Median of sorted values without one of them, of which there must be others. */
function medianOfOthers(sorted: readonly number[], own: number): number | undefined {
  const middle = Math.floor((sorted.length - 1) / 2)
  return sorted.length < 2 ? undefined : sorted[middle < sorted.indexOf(own) ? middle : middle + 1]
}

function measure(
  log: LogAnalysis,
  starts: ReadonlyMap<string, readonly number[]>,
): number | undefined {
  const { evidence, rebuilt, rows, key } = log
  if (key === undefined) return undefined
  const { leaves } = evidence
  let first = Infinity
  let last = -Infinity
  for (const row of rows) {
    const at = leaves.secondsAt(row)
    if (Number.isNaN(at)) continue
    first = Math.min(first, at)
    if (leaves.indexAt(row) >= rebuilt.signedSize) last = Math.max(last, at)
  }
  const start = (rebuilt.head && readTimestamp(rebuilt.head, key)) ?? first
  const next = starts
    .get(slotOf(evidence.origin))
    ?.find((at) => at >= start && at > key.certificate.notBefore)
  const end = next ?? last
  return Number.isFinite(end) && Number.isFinite(start) ? Math.max(0, end - start) : undefined
}

function slotOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf('/'))
}

function serviceOf(origin: string): string {
  return origin.split('/', 1)[0]!
}
