import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createCoalescer } from '../../page/src/coalesce.ts'

describe('createCoalescer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('runs at once, then once more for all that was asked meanwhile', async () => {
    let runs = 0
    const work = createCoalescer(() => Promise.resolve(void runs++), 100)
    work.request()
    expect(runs).toBe(1)
    for (let turn = 0; turn < 20; turn++) work.request()
    expect(runs).toBe(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(runs).toBe(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(runs).toBe(2)
  })

  it('never runs twice at once, however long a run takes', async () => {
    let running = 0
    let most = 0
    const work = createCoalescer(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 500))
      running -= 1
    }, 10)
    for (let turn = 0; turn < 30; turn++) {
      work.request()
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(most).toBe(1)
  })

  it('drops what was asked when cancelled, and can be asked again', async () => {
    let runs = 0
    const work = createCoalescer(() => Promise.resolve(void runs++), 100)
    work.request()
    work.request()
    await vi.advanceTimersByTimeAsync(50)
    work.cancel()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(runs).toBe(1)
    work.request()
    expect(runs).toBe(2)
  })
})
