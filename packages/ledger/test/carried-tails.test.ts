import { describe, expect, test } from 'vitest'
import { LedgerError, canonicalize, decodeRecoveredRecord, formatBase64 } from '../src/index.ts'
import { buildCarrying, buildTestLog, type TestLog } from './log-builder.ts'
import { type Members, named, rewrite, verify } from './verify-harness.ts'

const routes = (i: number): string[] => (i % 2 === 0 ? ['hipaa'] : [])
const dead = await buildTestLog({ log: 'orders/0/dead', end: 'tail', routes })
const next = await succeed([buildCarrying(dead)])
const last = dead.size - 1

function succeed(extras: Members[]): Promise<TestLog> {
  return buildTestLog({ log: 'orders/0/next', keyByte: 8, extras, routes })
}

/** What a file of one route gets of logs. */
function hipaaOf(...logs: TestLog[]): string[] {
  return logs.flatMap(({ texts, routes }) =>
    texts.filter((_, i) => routes[i]!.includes('*') || routes[i]!.includes('hipaa')),
  )
}

const partial = hipaaOf(dead, next)

/** The ordinary record of this route in the tail that the dead log could not sign. */
const inTail = dead.texts.findLastIndex((_, i) => dead.routes[i]!.includes('hipaa'))

describe('a successor that carries the leaves of a tail', () => {
  test('seals it in the whole export', async () => {
    const report = await verify([...dead.texts, ...next.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.logs[0]).toMatchObject({ state: 'sealed', sealedBy: next.log })
    expect(report.anchors).toEqual([{ kind: 'successor', log: dead.log, by: next.log }])
  })

  test('seals it in the file of one route, which lacks the records of others', async () => {
    expect(inTail).toBeGreaterThan(dead.lastSignedSize)
    for (const route of [undefined, 'hipaa']) {
      const report = await verify(partial, route === undefined ? {} : { route })
      expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
      const missing = [...dead.texts, ...next.texts].length - partial.length
      expect(report.logs.reduce((sum, { notRouted }) => sum + notRouted, 0)).toBe(missing)
    }
  })

  test('names a record of that tail that was altered, removed or added, by its index', async () => {
    const at = partial.indexOf(dead.texts[inTail]!)
    const other = rewrite(partial[at]!, (record) => (record['session'] = 'x'))
    for (const bodies of [partial, [...dead.texts, ...next.texts]]) {
      const place = bodies.indexOf(dead.texts[inTail]!)
      const altered = await verify(bodies.with(place, other))
      expect(altered.findings).toMatchObject([{ verdict: 'ALTERED', index: inTail }])
      const removed = await verify(bodies.toSpliced(place, 1))
      expect(removed.findings).toMatchObject([{ verdict: 'MISSING', index: inTail }])
      const more = rewrite(other, (record) => (record['index'] = dead.size))
      const added = await verify([...bodies, more])
      expect(added.findings).toMatchObject([{ verdict: 'INSERTED', index: dead.size }])
      const twin = await verify([...bodies, other])
      expect(named(twin, 'FORGED_DUP')).toEqual([inTail])
    }
  })

  test('knows every record of a tail whose records are all gone', async () => {
    const kept = [...dead.texts.slice(0, dead.lastSignedSize + 1), ...next.texts]
    const report = await verify(kept, { route: '*' })
    expect(report.verdict).toBe('MISSING')
    expect(named(report, 'MISSING')).toEqual(
      Array.from({ length: last - dead.lastSignedSize }, (_, i) => dead.lastSignedSize + 1 + i),
    )
  })

  test('misses the last checkpoint of a file of one route', async () => {
    const checkpoint = dead.texts[dead.lastSignedSize]!
    const report = await verify(partial.filter((text) => text !== checkpoint))
    expect(report).toMatchObject({ verdict: 'MISSING_CHECKPOINT', exitCode: 25 })
    expect(named(report, 'MISSING_CHECKPOINT')).toEqual([dead.lastSignedSize])
  })

  test('finds a last checkpoint whose text is not the one that it has seen', async () => {
    const at = partial.indexOf(dead.texts[dead.lastSignedSize]!)
    const other = rewrite(partial[at]!, (r) => (r['time'] = `${String(r['time']).slice(0, -1)}4`))
    const report = await verify(partial.with(at, other))
    expect(report.findings).toMatchObject([{ verdict: 'ALTERED', index: dead.lastSignedSize }])
  })

  test('contradicts another history under the same key', async () => {
    const options = { log: dead.log, end: 'tail', routes, salt: () => ' rewritten' } as const
    const rewritten = await buildTestLog(options)
    const report = await verify([...rewritten.texts, ...next.texts])
    expect(report.verdict).toBe('FORK')
  })

  test('contradicts a leaf that the log has signed itself, though its root is right', async () => {
    const from = dead.lastSignedSize - 2
    const carrying = buildCarrying(dead, from) as Members & { leaves: string }
    const leaves = Buffer.from(carrying.leaves, 'base64')
    leaves[0]! ^= 1
    const honest = await succeed([carrying])
    expect((await verify([...dead.texts, ...honest.texts])).findings).toEqual([])
    const forged = await succeed([{ ...carrying, leaves: leaves.toString('base64') }])
    expect((await verify([...dead.texts, ...forged.texts])).verdict).toBe('FORK')
  })

  test('may need several records for a long tail', async () => {
    const middle = dead.lastSignedSize + 2
    const parts = [buildCarrying(dead, dead.lastSignedSize, middle), buildCarrying(dead, middle)]
    const long = await succeed(parts)
    const report = await verify(hipaaOf(dead, long))
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.anchors).toHaveLength(1)
    const gone = hipaaOf(dead, long).filter((text) => text !== dead.texts[inTail])
    expect(named(await verify(gone), 'MISSING')).toEqual([inTail])
  })

  test('speaks for a successor that died too', async () => {
    const second = await buildTestLog({
      log: 'orders/0/next',
      keyByte: 8,
      extras: [buildCarrying(dead)],
      count: 3,
      every: 100,
      end: 'tail',
      routes,
    })
    const extras = [buildCarrying(second, 0)]
    const third = await buildTestLog({ log: 'orders/0/third', keyByte: 9, extras, routes })
    const report = await verify(hipaaOf(dead, second, third))
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.logs.map(({ state }) => state)).toEqual(['sealed', 'sealed', 'sealed'])
  })
})

describe('a log.recovered', () => {
  const record = JSON.parse(canonicalize(buildCarrying(dead))) as Members

  test.each([
    ['fewer leaves than its range', { leaves: formatBase64(new Uint8Array(32)) }],
    ['leaves that are no base64', { leaves: 'x' }],
    ['routes of other leaves', { routes: [[1, []]] }],
    ['a range that ends before it begins', { from: dead.size }],
    ['no range', { from: undefined }],
    ['a root of odd length', { prevRoot: 'AAAA' }],
    ['no log', { prevLog: 1 }],
  ])('with %s is refused', (_, change) => {
    expect(() => decodeRecoveredRecord({ ...record, ...change })).toThrow(LedgerError)
  })

  test('is what it was encoded from', () => {
    expect(decodeRecoveredRecord(record)).toMatchObject({
      prevLog: dead.log,
      prevSize: dead.size,
      prevRoot: dead.root,
      tail: { from: dead.lastSignedSize },
    })
  })
})
