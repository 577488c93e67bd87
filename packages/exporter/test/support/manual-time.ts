import type { Clock } from '@tokentrail/session'
import type { Scheduler } from '../../src/scheduler.ts'

/** Time that passes when the test says so: a clock, a monotonic clock, and timers. */
export interface ManualTime {
  readonly clock: Clock
  readonly monotonicMillis: () => number
  readonly scheduler: Scheduler
  /** Lets time pass; timers fire in their order. */
  advance(millis: number): void
  /** Sets the clock, as an operator would: no time passes. */
  setClock(millis: number): void
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export function createManualTime(): ManualTime {
  let now = 1_000
  let offset = 1_795_470_000_000
  const timers = new Set<Timer>()
  const nextDue = (end: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  return {
    clock: { unixNanos: () => BigInt(Math.round(now + offset)) * 1_000_000n },
    monotonicMillis: () => now,
    scheduler: (callback, millis) => {
      const timer = { at: now + millis, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(millis) {
      const end = now + millis
      for (let timer = nextDue(end); timer; timer = nextDue(end)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
      }
      now = end
    },
    setClock(millis) {
      offset += millis
    },
  }
}
