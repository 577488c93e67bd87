import { expect, it } from 'vitest'
import { failEveryCall } from './disk-calls.ts'

it('loses nothing that was acknowledged whichever call of the disk fails, in whichever way', async () => {
  const { problems } = await failEveryCall(1)
  expect(problems).toEqual([])
}, 400_000)
