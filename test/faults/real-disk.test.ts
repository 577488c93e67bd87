import { expect, it } from 'vitest'
import { DISK_FAULTS, tryDiskFault } from './real-disk.ts'
import { ENDINGS } from './support/disturbed.ts'

/** Mounting is for a machine that is there to be tried on: continuous integration, as root. */
const isWanted = process.env['TOKENTRAIL_ROOT_FAULTS'] === '1'
if (!isWanted)
  console.log('skipped: test/faults/real-disk.test.ts: TOKENTRAIL_ROOT_FAULTS is not 1')

// The short form of real-disk.ts: each in one mode with one end.
it.skipIf(!isWanted).for(DISK_FAULTS.map((fault, order) => ({ ...fault, order })))(
  '$name: what is lost is said to the record, everything else arrives',
  async ({ order, ...fault }, context) => {
    const endings = fault.endings ?? ENDINGS
    const ending = endings[order % Math.min(2, endings.length)] ?? ENDINGS[0]
    const problems = ending && (await tryDiskFault(fault, ending))
    if (problems === undefined) return context.skip('no such disk can be mounted here')
    expect(problems).toEqual([])
  },
)
