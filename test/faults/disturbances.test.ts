import { expect, it } from 'vitest'
import { DISTURBANCES, outage } from './disturbances.ts'
import { ENDINGS, tryDisturbance } from './support/disturbed.ts'
import { findStrace } from './support/strace.ts'

const { isFound, reason } = findStrace()
if (!isFound) console.log(`partly skipped: test/faults/disturbances.test.ts: ${reason}`)

const all = [...DISTURBANCES, outage(3)]

// The short form of disturbances.ts: each in one mode with one end. Most of it is waiting.
it.concurrent.each(all.map((disturbance, order) => ({ ...disturbance, order })))(
  '$name: nothing is absent at the end, and the operator has heard of it',
  async ({ order, ...disturbance }) => {
    const ending = ENDINGS[order % 2]
    expect(ending && (await tryDisturbance(disturbance, ending))).toEqual([])
  },
)
