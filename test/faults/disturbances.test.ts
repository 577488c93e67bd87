import { expect, it } from 'vitest'
import { DISTURBANCES, outage, tryDisturbance } from './disturbances.ts'

// The short form of disturbances.ts.
it.each([...DISTURBANCES, outage(3)])(
  '$name: nothing is absent at the end',
  async (disturbance) => {
    expect(await tryDisturbance(disturbance)).toEqual([])
  },
)
