import { expect, it } from 'vitest'
import { damageEverything } from './bit-flips.ts'

// The short form of bit-flips.ts.
it('delivers no wrong byte of a journal with a bit turned or an end cut off, and says what is absent', async () => {
  const { problems } = await damageEverything(97)
  expect(problems).toEqual([])
}, 200_000)
