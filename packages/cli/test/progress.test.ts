import { expect, it } from 'vitest'
import type { Io } from '../src/io.ts'
import { Progress } from '../src/progress.ts'

function watch(interactive: boolean) {
  const status: string[] = []
  const clock = { nanos: 0n }
  const io = {
    interactive,
    unixNanos: () => clock.nanos,
    status: (text: string) => status.push(text),
  }
  return { status, clock, io: io as unknown as Io }
}

it('moves with the bytes once a second, where there are no records too, and goes away', () => {
  const { status, clock, io } = watch(true)
  const progress = new Progress(io)
  for (const readBytes of [100, 200, 300]) {
    progress.tell({ readBytes, totalBytes: 1_000 })
    clock.nanos += 600_000_000n
  }
  progress.count(1_200)
  clock.nanos += 1_000_000_000n
  progress.tell({ readBytes: 900, totalBytes: 1_000 })
  progress.clear()
  expect(status).toEqual(['30 % read, 0 records', '90 % read, 1,200 records', ' '.repeat(24)])
})

it.each([
  ['nobody watches', false, false],
  ['it is to be quiet', true, true],
])('says nothing when %s', (_, interactive, quiet) => {
  const { status, clock, io } = watch(interactive)
  const progress = new Progress(io, quiet)
  clock.nanos = 10_000_000_000n
  progress.tell({ readBytes: 1, totalBytes: 2 })
  progress.clear()
  expect(status).toEqual([])
})
