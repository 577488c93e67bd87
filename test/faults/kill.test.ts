import { expect, it } from 'vitest'
import { freshSeed } from './support/chance.ts'
import { killUnderLoad } from './kill.ts'

const seed = freshSeed()

// The short form of kill.ts.
it(`loses nothing that was acknowledged when killed under load (seed ${seed})`, async () => {
  const { problems } = await killUnderLoad(6, seed)
  expect(problems).toEqual([])
}, 180_000)
