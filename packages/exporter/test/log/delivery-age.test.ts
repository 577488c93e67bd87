import { expect, it } from 'vitest'
import { DeliveryAge } from '../../src/log/delivery-age.ts'

const at = (offset: number, segment = 0) => ({ segment, offset })

it('is 0 while everything is delivered', () => {
  const age = new DeliveryAge()
  age.look(at(100), at(100), 1_000)
  age.look(undefined, undefined, 2_000)
  expect(age.seconds(9_000)).toBe(0)
})

it('is that of the oldest record that was not delivered', () => {
  const age = new DeliveryAge()
  age.look(at(100), undefined, 1_000)
  age.look(at(200), undefined, 2_000)
  age.look(at(200), undefined, 3_000)
  expect(age.seconds(5_000)).toBe(4)
  age.look(at(300), at(100), 6_000)
  expect(age.seconds(7_000)).toBe(5)
  age.look(at(64, 9), at(300), 8_000)
  expect(age.seconds(8_500)).toBe(0.5)
  age.look(at(64, 9), at(64, 9), 9_000)
  expect(age.seconds(9_000)).toBe(0)
})

it('stays near the truth through a long outage, in bounded memory', () => {
  const age = new DeliveryAge()
  for (let second = 1; second <= 3_600; second++) age.look(at(second), undefined, second * 1_000)
  expect(age.seconds(3_600_000)).toBe(3_599)
  age.look(at(3_601), at(1_800), 3_601_000)
  expect(age.seconds(3_601_000)).toBeGreaterThan(1_650)
  expect(age.seconds(3_601_000)).toBeLessThan(1_802)
})
