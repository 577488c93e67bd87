import { describe, expect, it } from 'vitest'
import { guardScheduler } from '../src/scheduler.ts'
import { createManualTime } from './support/manual-time.ts'

describe('a guarded scheduler', () => {
  it('tells what a callback threw, and calls it again until it succeeds', () => {
    const time = createManualTime()
    const faults: unknown[] = []
    const schedule = guardScheduler(time.scheduler, (error) => faults.push(error))
    let calls = 0
    schedule(() => {
      if (++calls < 3) throw new RangeError('a fault of ours')
    }, 10)
    time.advance(10_000)
    expect(calls).toBe(3)
    expect(faults).toHaveLength(2)
  })

  it('calls nothing again that was cancelled, also from within', () => {
    const time = createManualTime()
    const schedule = guardScheduler(time.scheduler, () => undefined)
    let calls = 0
    const fail = (): never => {
      calls++
      throw new Error('a fault of ours')
    }
    const cancel = schedule(() => {
      cancel()
      fail()
    }, 10)
    schedule(fail, 10)()
    const cancelLater = schedule(fail, 10)
    time.advance(10)
    cancelLater()
    time.advance(10_000)
    expect(calls).toBe(2)
  })
})
