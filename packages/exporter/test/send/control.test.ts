import { describe, expect, it } from 'vitest'
import { LogControl } from '../../src/send/control.ts'

describe('what the threads share of a log', () => {
  it('shows positions to the other side', () => {
    const ours = new LogControl()
    const theirs = new LogControl(ours.buffer)
    expect(theirs.committed()).toBeUndefined()
    expect(ours.isDelivered()).toBe(true)
    ours.commit({ segment: 0, offset: 100 })
    expect(theirs.committed()).toEqual({ segment: 0, offset: 100 })
    ours.commit({ segment: 2 ** 40, offset: 64 })
    expect(theirs.committed()).toEqual({ segment: 2 ** 40, offset: 64 })
    expect(ours.isDelivered()).toBe(false)
    theirs.deliver({ segment: 2 ** 40, offset: 64 }, 2)
    expect(ours.isDelivered()).toBe(true)
    expect(ours.delivered()).toEqual({ segment: 2 ** 40, offset: 64 })
    expect(theirs.isClosed).toBe(false)
    ours.close()
    expect(theirs.isClosed).toBe(true)
  })

  it('stops waiting when the time is over', () => {
    const control = new LogControl()
    control.commit({ segment: 0, offset: 100 })
    expect(control.waitDelivered(5)).toBe(false)
    control.deliver({ segment: 0, offset: 100 }, 1)
    expect(control.waitDelivered(0)).toBe(true)
  })
})
