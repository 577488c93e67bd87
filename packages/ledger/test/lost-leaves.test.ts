import { describe, expect, test } from 'vitest'
import {
  LOST_LEAF,
  LedgerError,
  buildProofBundle,
  decodeRecoveredRecord,
  findLostLeaves,
  formatBase64,
  formatProofBundle,
  parseCheckpoint,
  reconcileExports,
  verifyProofBundle,
} from '../src/index.ts'
import { ROOT, buildCarrying, buildTestLog, type TestLog } from './log-builder.ts'
import { type Members, named, rewrite, verify } from './verify-harness.ts'

const routes = (i: number): string[] => (i % 2 === 0 ? ['hipaa'] : [])
const dead = await buildTestLog({ log: 'orders/0/dead', end: 'tail', routes })
const { lastSignedSize } = dead
/** Two of its records that it could not sign: the bytes of one run of them were torn. */
const holes = [lastSignedSize + 2, lastSignedSize + 3]
const next = await succeed([buildCarrying(dead, lastSignedSize, dead.size, holes)])
const left = dead.texts.filter((_, index) => !holes.includes(index))
const lost = {
  kind: 'unreadable',
  log: dead.log,
  by: next.log,
  at: 1,
  index: holes[0],
  lastIndex: holes[1],
}

function succeed(extras: Members[], log = 'orders/0/next'): Promise<TestLog> {
  return buildTestLog({ log, keyByte: 8, extras, routes })
}

describe('leaves that a successor says are lost', () => {
  test('are listed with who says so, and are no finding', async () => {
    const report = await verify([...left, ...next.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [], losses: [lost] })
    expect(report.logs[0]).toMatchObject({ state: 'sealed', sealedBy: next.log, lost: 2 })
    expect(report.remarks).toContainEqual(expect.stringMatching(/^Records were lost/))
  })

  test('are listed in the file of one route too: nobody knows whose they were', async () => {
    const partial = [dead, next].flatMap((log) =>
      log.texts.filter((text, i) => {
        const isOfRoute = log.routes[i]!.some((route) => route === '*' || route === 'hipaa')
        return isOfRoute && (log !== dead || left.includes(text))
      }),
    )
    for (const route of [undefined, 'hipaa']) {
      const report = await verify(partial, route === undefined ? {} : { route })
      expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [], losses: [lost] })
      const absent = [...left, ...next.texts].length - partial.length
      expect(report.logs.reduce((sum, { notRouted }) => sum + notRouted, 0)).toBe(absent)
    }
  })

  test('take no record in their place, not even the true one', async () => {
    const at = holes[0]!
    const forged = rewrite(dead.texts[at]!, (record) => (record['session'] = 'x'))
    for (const text of [dead.texts[at]!, forged]) {
      const report = await verify([...left, text, ...next.texts])
      expect(report.findings).toMatchObject([{ verdict: 'INSERTED', index: at }])
    }
  })

  test('hide none of those around them', async () => {
    for (const index of [holes[0]! - 1, holes[1]! + 1]) {
      const text = dead.texts[index]!
      const removed = await verify([...left.filter((other) => other !== text), ...next.texts])
      expect(named(removed, 'MISSING')).toEqual([index])
      const other = rewrite(text, (record) => (record['session'] = 'x'))
      const altered = await verify([...left.with(left.indexOf(text), other), ...next.texts])
      expect(altered.findings).toMatchObject([{ verdict: 'ALTERED', index }])
    }
  })

  test('do not count until a signed checkpoint covers what says so', async () => {
    const open = { keyByte: 8, count: 2, every: 100, end: 'tail', routes } as const
    const extras = [buildCarrying(dead, lastSignedSize, dead.size, holes)]
    const unsigned = await buildTestLog({ log: 'orders/0/next', extras, ...open })
    const report = await verify([...left, ...unsigned.texts])
    expect(report.losses).toEqual([])
    expect(named(report, 'MISSING')).toEqual(holes)
  })

  test('are nothing that a log may say of itself, under its own key', async () => {
    const leafAt = (index: number) => (index === 5 ? LOST_LEAF : undefined)
    const log = await buildTestLog({ leafAt })
    const removed = await verify(log.texts.toSpliced(5, 1))
    expect(removed).toMatchObject({ verdict: 'MISSING', losses: [] })
    expect(named(removed, 'MISSING')).toEqual([5])
    expect((await verify(log.texts)).verdict).toBe('ALTERED')
    const dying = await buildTestLog({ log: 'orders/0/dying', end: 'tail', leafAt })
    const adopted = await succeed([buildCarrying(dying, 0, dying.size, [5])])
    const report = await verify([...dying.texts.toSpliced(5, 1), ...adopted.texts])
    expect(named(report, 'MISSING')).toEqual([5])
    expect(report.losses).toEqual([])
  })

  test('are not lost where the log itself has signed them', async () => {
    const signed = lastSignedSize - 2
    const both = [signed, holes[0]!]
    const from = lastSignedSize - 4
    const overruled = await succeed([buildCarrying(dead, from, dead.size, both)])
    const kept = dead.texts.filter((_, index) => index !== holes[0])
    const report = await verify([...kept, ...overruled.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.losses).toMatchObject([{ index: holes[0], lastIndex: holes[0] }])
    const gone = await verify([...kept.toSpliced(signed, 1), ...overruled.texts])
    expect(named(gone, 'MISSING')).toEqual([signed])
    const root = formatBase64(new Uint8Array(32).fill(1))
    const wrong = { ...buildCarrying(dead, from, dead.size, both), prevRoot: root }
    expect((await verify([...kept, ...(await succeed([wrong])).texts])).verdict).toBe('FORK')
  })

  test('are not lost where the log has signed all that its successor has seen', async () => {
    const [from, end] = [lastSignedSize - 4, lastSignedSize - 1]
    const early = await succeed([buildCarrying(dead, from, end, [from + 1])])
    const report = await verify([...dead.texts, ...early.texts])
    expect(report).toMatchObject({ verdict: 'UNSEALED_END', losses: [] })
    expect(report.anchors).toEqual([{ kind: 'successor', log: dead.log, by: early.log }])
    const other = await buildTestLog({
      log: dead.log,
      end: 'tail',
      routes,
      salt: (i) => (i < 3 ? ' rewritten' : ''),
    })
    expect((await verify([...other.texts, ...early.texts])).verdict).toBe('FORK')
  })

  test('may stand in any of the several records for a long tail', async () => {
    const middle = holes[1]!
    const long = await succeed([
      buildCarrying(dead, lastSignedSize, middle, holes),
      buildCarrying(dead, middle, dead.size, holes),
    ])
    const report = await verify([...left, ...long.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.losses.map(({ at, index }) => [at, index])).toEqual([
      [1, holes[0]],
      [2, holes[1]],
    ])
  })

  test('are missing where a head of the log that was kept outside is over them', async () => {
    const whole = await buildTestLog({ log: dead.log, routes })
    const later = JSON.parse(whole.texts.at(-1)!) as { readonly note: string }
    expect(parseCheckpoint(later.note.split('\n\n')[0]! + '\n').size).toBeGreaterThan(holes[1]!)
    const report = await verify([...left, ...next.texts], { checkpoints: [later.note] })
    expect(named(report, 'MISSING')).toEqual(holes)
  })
})

describe('what is lost for other reasons', () => {
  const recorder = {
    type: 'tokentrail.recorder.loss',
    attributes: {
      'tokentrail.loss.count': 12,
      'tokentrail.loss.from': '1795466400000000000',
      'tokentrail.loss.reason': 'disk_full',
      'tokentrail.loss.to': '1795466401000000000',
    },
  }
  const damage = {
    type: 'tokentrail.journal.damage',
    segment: 'dead/0000000000000000.seg',
    offset: 64,
    bytes: 300,
    firstIndex: 3,
    lastIndex: 4,
  }

  test('is listed beside it, and leaves the verdict as it is', async () => {
    const log = await buildTestLog({ extras: [recorder, damage] })
    const report = await verify(log.texts)
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.losses).toEqual([
      {
        kind: 'unrecorded',
        log: log.log,
        by: log.log,
        at: 1,
        count: 12,
        reason: 'disk_full',
        from: '1795466400000000000',
        to: '1795466401000000000',
      },
      {
        kind: 'damaged',
        log: 'orders/0/dead',
        by: log.log,
        at: 2,
        index: 3,
        lastIndex: 4,
        segment: '0000000000000000.seg',
        offset: 64,
        bytes: 300,
      },
    ])
  })

  test('excuses no record that the log has signed', async () => {
    const extras = [recorder, { ...damage, segment: 'test-log/0000000000000000.seg' }]
    const log = await buildTestLog({ extras })
    const report = await verify(log.texts.toSpliced(3, 2))
    expect(named(report, 'MISSING')).toEqual([3, 4])
    expect(report.losses).toHaveLength(2)
  })

  test('counts only under a signed root', async () => {
    const unsigned = await buildTestLog({ extras: [recorder], count: 2, every: 9, end: 'tail' })
    expect((await verify(unsigned.texts)).losses).toEqual([])
  })
})

describe('a log with lost leaves', () => {
  const about = { record: `${dead.log}.${holes[1]! + 1}` }
  const read = (texts: readonly string[]) => () => texts.map((body) => ({ body }))

  test('has its other records proven by a bundle, under the root that its successor names', async () => {
    const outcome = await buildProofBundle(read([...left, ...next.texts]), {
      roots: [ROOT],
      about,
    })
    if (outcome.status !== 'proven') throw new Error(outcome.status)
    const text = formatProofBundle(outcome.bundle)
    expect(await verifyProofBundle(text, [ROOT])).toMatchObject({ verdict: 'PROVEN' })
  })

  test('is proven too where the successor lost what the log had signed', async () => {
    const both = [lastSignedSize - 2, holes[0]!]
    const from = lastSignedSize - 4
    const overruled = await succeed([buildCarrying(dead, from, dead.size, both)])
    const outcome = await buildProofBundle(
      read([...dead.texts.toSpliced(holes[0]!, 1), ...overruled.texts]),
      { roots: [ROOT], about },
    )
    if (outcome.status !== 'proven') throw new Error(outcome.status)
    const text = formatProofBundle(outcome.bundle)
    expect(await verifyProofBundle(text, [ROOT])).toMatchObject({ verdict: 'PROVEN' })
  })

  test('proves nothing that stands in the place of a lost one', async () => {
    const outcome = await buildProofBundle(read([...dead.texts, ...next.texts]), {
      roots: [ROOT],
      about: { record: `${dead.log}.${holes[0]!}` },
    })
    expect(outcome.status).toBe('unproven')
  })

  test('is the same in two exports that both lack them', async () => {
    const records = () => [...left, ...next.texts].map((body) => ({ body }))
    const report = await reconcileExports([
      { name: 'a', records: records() },
      { name: 'b', records: records() },
    ])
    expect(report).toMatchObject({ outcome: 'SAME', missing: 0 })
  })
})

describe('a log.recovered with lost leaves', () => {
  const record = buildCarrying(dead, lastSignedSize, dead.size, holes)

  test('says exactly which', () => {
    expect(record['lost']).toEqual([[holes[0], holes[1]]])
    const { tail } = decodeRecoveredRecord(record)
    expect(findLostLeaves(tail!.leaves, tail!.from)).toEqual(record['lost'])
  })

  test.each([
    ['names fewer', [[holes[0], holes[0]]]],
    ['names others', [[holes[0]! - 1, holes[1]! - 1]]],
    ['names them in two runs', [holes.slice(0, 1).flatMap((i) => [i, i]), [holes[1], holes[1]]]],
    ['names none', undefined],
    ['has an empty list of them', []],
    ['names what no memory holds', [[holes[0], 9_000_000_000_000_000]]],
  ])('that %s is refused', (_, runs) => {
    expect(() => decodeRecoveredRecord({ ...record, lost: runs })).toThrow(LedgerError)
  })

  test('that names some where none is lost is refused', () => {
    const whole = { ...buildCarrying(dead), lost: [[holes[0], holes[0]]] }
    expect(() => decodeRecoveredRecord(whole)).toThrow(LedgerError)
    expect(() => decodeRecoveredRecord({ ...buildCarrying(dead), lost: [] })).toThrow(LedgerError)
  })
})
