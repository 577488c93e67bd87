import { EventEmitter } from 'node:events'
import type { RecordLog } from '@tokentrail/exporter'
import { describe, expect, it } from 'vitest'
import { sealOnExit, type ExitingProcess } from '../src/exit-handling.ts'

class FakeProcess extends EventEmitter implements ExitingProcess {
  readonly pid = 7
  readonly kills: string[] = []

  kill(pid: number, signal: string): void {
    this.kills.push(`${pid} ${signal} ${this.listenerCount(signal)}`)
  }
}

function observe(): { target: FakeProcess; steps: string[]; stop: () => void } {
  const target = new FakeProcess()
  const steps: string[] = []
  const log = {
    close: (reason: string) => void steps.push(`close ${reason}`),
    waitDelivered: (millis: number, refusedMillis: number) =>
      void steps.push(`wait ${millis} or ${refusedMillis}`),
  } as unknown as RecordLog
  return { target, steps, stop: sealOnExit(log, () => void steps.push('settle'), target) }
}

describe('the end of a process', () => {
  it('seals the log and waits at most two seconds, a moment where nothing is accepted', () => {
    const { target, steps } = observe()
    target.emit('exit')
    expect(steps).toEqual(['settle', 'close exit', 'wait 2000 or 250'])
  })

  it.each(['exit', 'SIGTERM'])('by %s goes on as it would when sealing fails', (event) => {
    const target = new FakeProcess()
    const fail = (): never => {
      throw new Error('a fault of ours')
    }
    sealOnExit({ close: fail, waitDelivered: fail } as unknown as RecordLog, fail, target)
    target.emit(event)
    expect(target.kills).toEqual(event === 'exit' ? [] : ['7 SIGTERM 0'])
  })

  it.each(['SIGINT', 'SIGTERM'])(
    'by %s seals the log, then lets the signal do its work',
    (signal) => {
      const { target, steps } = observe()
      target.emit(signal)
      expect(steps).toEqual(['settle', 'close signal', 'wait 2000 or 250'])
      expect(target.kills).toEqual([`7 ${signal} 0`])
    },
  )

  it.each(['on', 'once'] as const)(
    'is the application’s own affair where it listens with %s',
    (add) => {
      const { target, steps } = observe()
      let told = 0
      target[add]('SIGTERM', () => (told += 1))
      target.emit('SIGTERM')
      expect(told).toBe(1)
      expect(steps).toEqual([])
      expect(target.kills).toEqual([])
      target.emit('exit')
      expect(steps).toEqual(['settle', 'close exit', 'wait 2000 or 250'])
    },
  )

  it('is left alone after recording has stopped', () => {
    const { target, stop } = observe()
    stop()
    expect(['exit', 'SIGINT', 'SIGTERM'].map((event) => target.listenerCount(event))).toEqual([
      0, 0, 0,
    ])
  })
})
