import { expect, it } from 'vitest'
import { findRealCollector, killCollector } from './real-collector.ts'
import { freshSeed } from './support/chance.ts'

const found = await findRealCollector()
if ('reason' in found) console.log(`skipped: test/faults/real-collector.test.ts: ${found.reason}`)

const seed = freshSeed()

// The short form of real-collector.ts.
it.skipIf('reason' in found).each(['disk', 'memory', 'off'] as const)(
  `with its queue on %s a collector that is killed costs nothing (seed ${seed})`,
  async (queue) => {
    if ('reason' in found) throw new Error(found.reason)
    const { problems } = await killCollector(found.path, queue, 2, seed)
    expect(problems).toEqual([])
  },
  240_000,
)
