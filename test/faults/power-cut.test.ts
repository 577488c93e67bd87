import { expect, it } from 'vitest'
import { cutPower } from './power-cut.ts'
import { freshSeed } from './support/chance.ts'

/** Mounting is for a machine that is there to be tried on: continuous integration, as root. */
const isWanted = process.env['TOKENTRAIL_ROOT_FAULTS'] === '1'
if (!isWanted)
  console.log('skipped: test/faults/power-cut.test.ts: TOKENTRAIL_ROOT_FAULTS is not 1')

const seed = freshSeed()

// The short form of power-cut.ts.
it.skipIf(!isWanted)(
  `loses nothing that was acknowledged in disk mode when the power goes (seed ${seed})`,
  async (context) => {
    const outcome = await cutPower(3, 'disk', seed)
    if (!outcome) return context.skip('no loop device can be mounted here')
    expect(outcome.problems).toEqual([])
  },
  120_000,
)
