import { expect, it } from 'vitest'
import { simulateMany } from './simulate.ts'
import { freshSeed } from './support/chance.ts'

const seed = freshSeed()

// The short form of simulate.ts.
it(`loses nothing that was acknowledged whatever happens (seed ${seed})`, async () => {
  const { problems } = await simulateMany(100, seed)
  expect(problems).toEqual([])
}, 120_000)

it.each([168, 131, 45])(
  'says of a dead log no more than what a power cut leaves of it (seed %d)',
  async (fixed) => {
    const { problems } = await simulateMany(1, fixed)
    expect(problems).toEqual([])
  },
)
