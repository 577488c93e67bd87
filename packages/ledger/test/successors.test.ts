import { expect, test } from 'vitest'
import { NO_ANCHOR_REMARK } from '../src/index.ts'
import { buildRecovered, buildTestLog } from './log-builder.ts'
import { type Members, named, rewrite, verify } from './verify-harness.ts'

const dead = await buildTestLog({ log: 'orders/0/dead', end: 'tail' })
const successorOf = (extra: Members, options: Parameters<typeof buildTestLog>[0] = {}) =>
  buildTestLog({ log: 'orders/0/next', keyByte: 8, extras: [extra], ...options })

test('one seals the tail of a log that crashed, and is named as its anchor', async () => {
  const next = await successorOf(buildRecovered(dead))
  const report = await verify([...dead.texts, ...next.texts])
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  expect(report.anchors).toEqual([{ kind: 'successor', log: dead.log, by: next.log }])
  expect(report.logs[0]).toMatchObject({ state: 'sealed', sealedBy: next.log })
  expect(report.remarks).toContain(NO_ANCHOR_REMARK)
})

test('a record of that tail altered, removed or added is found', async () => {
  const next = await successorOf(buildRecovered(dead))
  const inTail = dead.lastSignedSize + 2
  const other = rewrite(dead.texts[inTail]!, (record) => (record['session'] = 'x'))
  const altered = await verify([...dead.texts.with(inTail, other), ...next.texts])
  const range = { index: dead.lastSignedSize, lastIndex: dead.size - 1 }
  expect(altered).toMatchObject({ verdict: 'ALTERED', findings: [range] })
  const removed = await verify([...dead.texts.toSpliced(inTail, 1), ...next.texts])
  expect(removed.verdict).toBe('MISSING')
  expect(named(removed, 'MISSING')).toEqual([inTail])
  const cut = await verify([...dead.texts.slice(0, inTail), ...next.texts])
  expect(cut.verdict).toBe('MISSING')
  expect(named(cut, 'MISSING')[0]).toBe(inTail)
  expect(named(cut, 'MISSING')).toHaveLength(dead.size - inTail)
  const more = rewrite(dead.texts[inTail]!, (record) => (record['index'] = dead.size))
  const added = await verify([...dead.texts, more, ...next.texts])
  expect(added.verdict).toBe('INSERTED')
  expect(named(added, 'INSERTED')).toEqual([dead.size])
})

test('a log that died right after a checkpoint is sealed like any other', async () => {
  const idle = await buildTestLog({ log: 'orders/0/idle', end: 'checkpoint' })
  const next = await successorOf(buildRecovered(idle))
  const report = await verify([...idle.texts, ...next.texts])
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  const last = idle.size - 1
  const other = rewrite(idle.texts[last]!, (record) => (record['time'] = '1795470000000000000'))
  const altered = await verify([...idle.texts.with(last, other), ...next.texts])
  expect(altered.verdict).toBe('ALTERED')
})

test('it counts only under a signed checkpoint of the successor', async () => {
  const next = await successorOf(buildRecovered(dead), { count: 2, every: 100, end: 'tail' })
  const report = await verify([...dead.texts, ...next.texts])
  expect(report.verdict).toBe('UNSEALED_END')
  expect(report.logs.map(({ state }) => state)).toEqual(['unsealed', 'unsealed'])
})

test('a successor of the successor covers what that one could not sign any more', async () => {
  const next = await successorOf(buildRecovered(dead), { count: 2, every: 100, end: 'tail' })
  const third = await buildTestLog({
    log: 'orders/0/third',
    keyByte: 9,
    extras: [buildRecovered(next)],
  })
  const report = await verify([...third.texts, ...next.texts, ...dead.texts])
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  expect(report.anchors).toHaveLength(2)
})

test('nobody ends the log of another service, or its own', async () => {
  const foreign = await successorOf(buildRecovered(dead), { log: 'billing/0/next' })
  expect((await verify([...dead.texts, ...foreign.texts])).verdict).toBe('UNSEALED_END')
  const self = await buildTestLog({ log: dead.log, extras: [buildRecovered(dead)], end: 'tail' })
  expect((await verify(self.texts)).verdict).toBe('UNSEALED_END')
})

test('a log that it names and the export lacks is missing', async () => {
  const next = await successorOf(buildRecovered(dead))
  const report = await verify(next.texts)
  expect(report).toMatchObject({ verdict: 'MISSING_LOG', exitCode: 28 })
  expect(report.findings).toMatchObject([{ verdict: 'MISSING_LOG', log: dead.log }])
})

test('it pins a log that closed itself: a rewrite by the key holder is a fork', async () => {
  const closed = await buildTestLog({ log: 'orders/0/dead' })
  const rewritten = await buildTestLog({ log: 'orders/0/dead', salt: () => ' rewritten' })
  const next = await successorOf(buildRecovered(closed))
  expect((await verify([...closed.texts, ...next.texts])).verdict).toBe('VALID_SEALED')
  expect((await verify(rewritten.texts)).verdict).toBe('VALID_SEALED')
  const report = await verify([...rewritten.texts, ...next.texts])
  expect(report.exitCode).toBeGreaterThanOrEqual(20)
  const early = await successorOf(buildRecovered(closed, closed.lastSignedSize))
  expect((await verify([...rewritten.texts, ...early.texts])).verdict).toBe('FORK')
  expect((await verify([...closed.texts, ...early.texts])).verdict).toBe('VALID_SEALED')
})

test('after a power cut a larger signed tree is no contradiction, but no end either', async () => {
  const next = await successorOf(buildRecovered(dead, dead.lastSignedSize - 2))
  const report = await verify([...dead.texts, ...next.texts])
  expect(report.verdict).toBe('UNSEALED_END')
})

test('in the export of one route a tail with gaps has no end, and no fault either', async () => {
  const routes = (i: number): string[] => (i % 2 === 0 ? ['hipaa'] : [])
  const crashed = await buildTestLog({ log: 'orders/0/dead', end: 'tail', routes })
  const next = await successorOf(buildRecovered(crashed), { routes })
  const texts = [...crashed.texts, ...next.texts].filter(
    (text) => !/agent [0-9]*[13579]"/.test(text),
  )
  const report = await verify(texts)
  expect(report.route).toEqual({ name: 'hipaa', inferred: true })
  expect(report.verdict).toBe('UNSEALED_END')
  expect(report.findings).toHaveLength(1)
})

test('a size that no memory holds costs none', async () => {
  const recovered = { ...buildRecovered(dead), prevSize: 9_000_000_000_000_000 }
  const next = await successorOf(recovered)
  const report = await verify([...dead.texts, ...next.texts])
  expect(report.verdict).toBe('MISSING')
})
