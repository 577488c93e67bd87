import { expect, it } from 'vitest'
import { ClockWatch } from '../../src/log/clock-watch.ts'
import { createManualTime } from '../support/manual-time.ts'

function watch() {
  const time = createManualTime()
  return { time, watch: new ClockWatch(time.clock, time.monotonicMillis) }
}

it.each([60_000, 1_000, -1_000, -86_400_000])('a clock that is set by %i ms is noticed', (step) => {
  const { time, watch: clockWatch } = watch()
  time.advance(1_000)
  time.setClock(step)
  expect(clockWatch.look()).toBe(step)
  time.advance(1_000)
  expect(clockWatch.look()).toBe(0)
})

it('time that passes is no step, however long nobody looked', () => {
  const { time, watch: clockWatch } = watch()
  time.advance(3_600_000)
  expect(clockWatch.look()).toBe(0)
})

it('a clock that is slewed is none either', () => {
  const { time, watch: clockWatch } = watch()
  for (let second = 0; second < 100; second++) {
    time.advance(1_000)
    time.setClock(500)
    expect(clockWatch.look()).toBe(0)
  }
})
