import { describe, expect, it } from 'vitest'
import { Cadence } from '../../src/log/cadence.ts'

/** A cadence on a clock of its own, which says at which second a checkpoint was cut. */
function createTestCadence() {
  const timers = new Map<object, { at: number; callback: () => void }>()
  const state = { now: 0, fails: false }
  const cuts: number[] = []
  const cadence: Cadence = new Cadence(
    (callback, millis) => {
      const key = {}
      timers.set(key, { at: state.now + millis, callback })
      return () => timers.delete(key)
    },
    () => {
      cuts.push(state.now / 1000)
      if (!state.fails) cadence.covered()
    },
  )
  const runUntil = (seconds: number) => {
    for (;;) {
      const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at)
      if (!next || next[1].at > seconds * 1000) break
      timers.delete(next[0])
      state.now = next[1].at
      next[1].callback()
    }
    state.now = seconds * 1000
  }
  return { cadence, cuts, runUntil, state, timers }
}

describe('the cadence of checkpoints', () => {
  it('covers the first record of a log after a second', () => {
    const { cadence, cuts, runUntil } = createTestCadence()
    cadence.appended()
    runUntil(5)
    expect(cuts).toEqual([1])
  })

  it('covers many records after a second, and few after ten', () => {
    const { cadence, cuts, runUntil } = createTestCadence()
    cadence.covered()
    for (let count = 0; count < 10; count++) cadence.appended()
    runUntil(5)
    expect(cuts).toEqual([1])
    cadence.appended()
    runUntil(20)
    expect(cuts).toEqual([1, 15])
  })

  it('says every minute that there was nothing', () => {
    const { cadence, cuts, runUntil } = createTestCadence()
    cadence.covered()
    runUntil(185)
    expect(cuts).toEqual([60, 120, 180])
  })

  it('comes again in a second when a checkpoint failed', () => {
    const { cadence, cuts, runUntil, state } = createTestCadence()
    state.fails = true
    cadence.appended()
    runUntil(3)
    state.fails = false
    runUntil(10)
    expect(cuts).toEqual([1, 2, 3, 4])
  })

  it('leaves no timer behind when it is stopped', () => {
    const { cadence, timers } = createTestCadence()
    cadence.appended()
    cadence.stop()
    cadence.appended()
    expect(timers.size).toBe(0)
  })
})
