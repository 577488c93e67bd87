import { expect, it } from 'vitest'
import { createLineTail } from '../../src/collector/line-tail.ts'

it('keeps the last lines, each cut at 2,000 characters', () => {
  const tail = createLineTail(2)
  for (const line of ['one', 'two', 'x'.repeat(3_000)]) tail.add(line)
  expect(tail.lines()).toEqual(['two', 'x'.repeat(2_000)])
})
