import { expect, test } from 'vitest'
import { buildTestLog } from './log-builder.ts'
import { named, verify } from './verify-harness.ts'

const from = (index: number) => (i: number) => (i >= index ? ' of B' : '')

test('two histories under one key, mixed whole', async () => {
  const a = await buildTestLog({ frontierEvery: 1 })
  for (const point of [0, 3, 17, 39]) {
    const b = await buildTestLog({ frontierEvery: 1, salt: from(point) })
    const report = await verify([...new Set([...a.texts, ...b.texts])])
    expect(report).toMatchObject({ verdict: 'FORK', exitCode: 24 })
    expect(named(report, 'FORGED_DUP').length).toBeGreaterThan(0)
  }
})

test('the beginning of one and the rest of the other, cut anywhere behind the point where they part', async () => {
  const point = 13
  const a = await buildTestLog({ frontierEvery: 1 })
  const b = await buildTestLog({ frontierEvery: 1, salt: from(point) })
  const parted = a.texts.findIndex((text, i) => text !== b.texts[i]!)
  const signed = a.checkpoints.find((index) => index > parted)!
  const lastFrontier = a.checkpoints.at(-2)!
  for (let cut = signed + 1; cut < a.texts.length; cut++) {
    const report = await verify([...a.texts.slice(0, cut), ...b.texts.slice(cut)])
    // With nothing of B but its closing checkpoint, a history of B's cannot be told from damage.
    const expected = cut <= lastFrontier ? 'FORK' : 'ALTERED'
    expect(report.verdict).toBe(expected)
  }
})

test('before the first checkpoint that tells them apart it is an alteration', async () => {
  const a = await buildTestLog({ frontierEvery: 1 })
  const b = await buildTestLog({ frontierEvery: 1, salt: from(13) })
  const parted = a.texts.findIndex((text, i) => text !== b.texts[i]!)
  const report = await verify([...a.texts.slice(0, parted + 1), ...b.texts.slice(parted + 1)])
  expect(report.verdict).toBe('ALTERED')
  expect(named(report, 'ALTERED')).toEqual([parted])
})

test('two roots of one size, and a smaller tree signed for another history', async () => {
  const a = await buildTestLog()
  const b = await buildTestLog({ salt: from(0) })
  const [first, second] = a.checkpoints
  const sameSize = await verify([...a.texts, b.texts[first!]!])
  expect(sameSize.verdict).toBe('FORK')
  const smaller = await buildTestLog({ every: 3, salt: from(0) })
  expect(smaller.checkpoints[0]).toBeLessThan(first!)
  const report = await verify([
    ...a.texts.slice(0, second! + 1),
    smaller.texts[smaller.checkpoints[0]!]!,
  ])
  expect(report.verdict).toBe('FORK')
})
