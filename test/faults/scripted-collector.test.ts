import { expect, it } from 'vitest'
import { BEHAVIOURS, tryBehaviour, tryWithoutName } from './scripted-collector.ts'

it.each(BEHAVIOURS)(
  '$name: every record arrives in order, or it is said which did not',
  async (behaviour) => {
    expect(await tryBehaviour(behaviour)).toEqual([])
  },
)

it('keeps everything for a receiver that cannot be found, and delivers to the next', async () => {
  expect(await tryWithoutName()).toEqual([])
})
