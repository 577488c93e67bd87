import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  addSignatureLines,
  createCosigner,
  createMerkleTree,
  formatBase64,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  buildCheckpointNote,
  parseTlogPolicy,
  REGISTRY_CERTIFICATE_TYPE,
  type VerifyOptions,
} from '../src/index.ts'
import { buildTestLog, seedOf, START_SECONDS, type TestLog } from './log-builder.ts'
import { named, nanos, rewrite, verify, type Members } from './verify-harness.ts'

const REGISTRY = 'example.com/registry'
const witness = createCosigner('witness.example.com/w', seedOf(21))
const other = createCosigner('witness.example.com/v', seedOf(22))

/** The signed head of a log over its first leaves, with the log's own key. */
function headOf(log: TestLog, size: number, texts: readonly string[] = log.texts): string {
  const tree = createMerkleTree()
  for (const text of texts.slice(0, size)) tree.append(hashLeaf(text))
  const timestamp = BigInt(START_SECONDS + size)
  return buildCheckpointNote({ ...log, size, root: tree.root(), timestamp })
}

function cosigned(note: string, by = witness): string {
  const text = note.slice(0, note.indexOf('\n\n') + 1)
  const signatures = [by.sign(text, BigInt(START_SECONDS + 1_000))]
  return addSignatureLines(note, formatNote({ text, signatures }).slice(text.length + 1))
}

const certificateOf = (log: TestLog): string =>
  (JSON.parse(log.texts[0]!) as { certificate: string }).certificate

const registered = (log: TestLog): Members => ({
  type: 'tokentrail.registry.log',
  origin: log.log,
  certificate: certificateOf(log),
})

function headRecord(note: string): Members {
  const [origin = '', size = '', root = ''] = note.split('\n')
  return { type: 'tokentrail.registry.head', origin, size: Number(size), root, note }
}

function buildRegistry(
  extras: readonly Members[],
  options: Parameters<typeof buildTestLog>[0] = {},
): Promise<TestLog> {
  return buildTestLog({
    log: REGISTRY,
    keyByte: 20,
    count: 0,
    every: 1,
    end: 'checkpoint',
    extras,
    ...options,
    certificate: {
      typ: REGISTRY_CERTIFICATE_TYPE,
      exp: START_SECONDS + 300_000_000,
      ...options.certificate,
    },
  })
}

let a: TestLog
let b: TestLog
let c: TestLog
beforeAll(async () => {
  a = await buildTestLog({ log: 'orders/0/a', issuer: REGISTRY })
  b = await buildTestLog({ log: 'orders/1/b', issuer: REGISTRY, keyByte: 8 })
  c = await buildTestLog({ log: 'orders/2/c', issuer: REGISTRY, keyByte: 9, end: 'tail' })
})

const check = (logs: readonly (readonly string[])[], options: Partial<VerifyOptions> = {}) =>
  verify(logs.flat(), options)

describe('with a registry', () => {
  test('that was read after the export, a log with a head past T need not reach its later head', async () => {
    const [first = 0, second = 0] = c.checkpoints
    const registry = await buildRegistry([registered(c), headRecord(headOf(c, second))])
    const early = c.texts.slice(0, first + 1)
    const past = await check([early, registry.texts], { until: nanos(START_SECONDS + 1) })
    expect(past).toMatchObject({ verdict: 'VALID_UNTIL', findings: [] })
    const cut = await check([early, registry.texts], { until: nanos(START_SECONDS + first + 1) })
    expect(named(cut, 'MISSING')).toEqual(c.texts.map((_, i) => i).slice(first + 1, second))
  })

  test('logs that it knows are anchored in it, and its own open end is none', async () => {
    const registry = await buildRegistry([
      registered(a),
      registered(b),
      headRecord(headOf(a, 10)),
      headRecord(headOf(a, a.lastSignedSize)),
      headRecord(headOf(b, 7)),
    ])
    const report = await check([a.texts, b.texts, registry.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', exitCode: 0, findings: [] })
    expect(report.anchors).toEqual([
      {
        kind: 'registry',
        log: a.log,
        by: REGISTRY,
        size: a.lastSignedSize,
        seconds: START_SECONDS + a.lastSignedSize,
      },
      { kind: 'registry', log: b.log, by: REGISTRY, size: 7, seconds: START_SECONDS + 7 },
    ])
    expect(report.remarks.join(' ')).toMatch(/whoever holds its key could rewrite it/)
    expect(report.remarks.join(' ')).toMatch(/speaks up to/)
  })

  test('a whole log that the export lacks is named, within the span that is asked for', async () => {
    const registry = await buildRegistry([registered(a), registered(b)])
    const report = await check([a.texts, registry.texts])
    expect(report).toMatchObject({ verdict: 'MISSING_LOG', exitCode: 28 })
    expect(report.findings).toMatchObject([{ verdict: 'MISSING_LOG', log: b.log }])
    const before = { until: nanos(START_SECONDS + 1) }
    const early = await check([a.texts, registry.texts], before)
    expect(early.findings).toEqual([])
    const late = { since: nanos(START_SECONDS + 90_000), until: nanos(START_SECONDS + 2) }
    expect(named(await check([registry.texts], late), 'MISSING_LOG')).toEqual([])
    expect((await check([registry.texts], late)).findings).toEqual([])
  })

  test('until T a fleet that runs is fine when every log has a signed head past T', async () => {
    const live = await buildTestLog({ log: 'orders/3/d', issuer: REGISTRY, end: 'checkpoint' })
    const registry = await buildRegistry(
      [registered(live), headRecord(headOf(live, live.lastSignedSize))],
      { count: 60, end: 'checkpoint' },
    )
    const last = START_SECONDS + live.lastSignedSize
    const fine = await check([live.texts, registry.texts], { until: nanos(last) })
    expect(fine).toMatchObject({ verdict: 'VALID_UNTIL', exitCode: 0 })
    const after = await check([live.texts, registry.texts], { until: nanos(last + 1) })
    expect(after).toMatchObject({ verdict: 'UNSEALED_END', exitCode: 10 })
    expect((await check([live.texts, registry.texts])).verdict).toBe('UNSEALED_END')
  })

  test('a rewrite of a log by the holder of its key is a fork', async () => {
    const rewritten = await buildTestLog({ log: a.log, issuer: REGISTRY, salt: () => 'x' })
    const registry = await buildRegistry([registered(a), headRecord(headOf(a, a.lastSignedSize))])
    const alone = await check([rewritten.texts])
    expect(alone.verdict).toBe('VALID_SEALED')
    const report = await check([rewritten.texts, registry.texts])
    expect(report).toMatchObject({ verdict: 'FORK', exitCode: 24 })
    expect(named(report, 'FORK')).toEqual([a.lastSignedSize])
  })

  test('a log that was cut below a head is missing what was cut', async () => {
    const registry = await buildRegistry([registered(a), headRecord(headOf(a, a.lastSignedSize))])
    const cut = a.checkpoints[2]! + 1
    const report = await check([a.texts.slice(0, cut), registry.texts])
    expect(report.verdict).toBe('MISSING')
    expect(named(report, 'MISSING')).toEqual(
      Array.from({ length: a.lastSignedSize - cut }, (_, i) => cut + i),
    )
  })

  test('a head above the last checkpoint at hand proves the tail, or tells that it was altered', async () => {
    const size = c.texts.length
    expect(c.lastSignedSize).toBeLessThan(size - 1)
    const registry = await buildRegistry([registered(c), headRecord(headOf(c, size))])
    const fine = await check([c.texts, registry.texts], { until: nanos(START_SECONDS + 3) })
    expect(fine.findings).toEqual([])
    expect(fine.anchors).toMatchObject([{ log: c.log, size }])
    const altered = rewrite(c.texts[size - 1]!, (record) => (record['session'] = 'z'))
    const report = await check([[...c.texts.slice(0, -1), altered], registry.texts])
    expect(report.verdict).toBe('ALTERED')
  })

  test('a head that the registry saw to contradict another is a fork', async () => {
    const forked = await buildTestLog({ log: a.log, issuer: REGISTRY, salt: () => 'x' })
    const registry = await buildRegistry([
      registered(a),
      headRecord(headOf(a, 10)),
      { ...headRecord(headOf(forked, 10)), conflict: 'another root of the same size' },
    ])
    expect((await check([a.texts, registry.texts])).verdict).toBe('FORK')
  })

  test('a head that the log has not signed is the registry’s lie, not the log’s', async () => {
    const foreign = headOf(a, 10).replaceAll(/— (\S+) (\S{6})/g, '— $1 AAAAAA')
    const spoiled = await buildRegistry([registered(a), headRecord(foreign)])
    const report = await check([a.texts, spoiled.texts])
    expect(report.findings).toMatchObject([{ verdict: 'ALTERED', log: REGISTRY }])
  })

  test('a certificate of its endpoint that it does not know, or knows as another, is of no known key', async () => {
    const registry = await buildRegistry([registered(a)], { count: 1_000, every: 50 })
    const report = await check([a.texts, b.texts, registry.texts])
    expect(report.verdict).toBe('UNKNOWN_KEY')
    expect(report.findings).toMatchObject([{ log: b.log, index: 0 }])
    const swapped = await buildRegistry([{ ...registered(a), certificate: certificateOf(b) }])
    expect((await check([a.texts, swapped.texts])).verdict).toBe('UNKNOWN_KEY')
    const twice = await buildRegistry([registered(a), registered(a)])
    expect((await check([a.texts, twice.texts])).verdict).toBe('ALTERED')
  })

  test('a log that is no registry cannot speak as one', async () => {
    const forger = await buildTestLog({ log: 'orders/9/x', extras: [registered(a)] })
    const report = await check([a.texts, forger.texts])
    expect(report).toMatchObject({ verdict: 'UNKNOWN_KEY' })
    expect(report.anchors).toEqual([])
  })
})

describe('over a registry', () => {
  const policy = parseTlogPolicy(
    `witness W ${formatVerifierKey(witness.key)}\nwitness V ${formatVerifierKey(other.key)}\n` +
      'group both all W V\nquorum both\n',
  )
  let base: TestLog
  beforeAll(async () => {
    base = await buildRegistry([registered(a)])
  })
  const witnessed = (...notes: string[]): Promise<TestLog> =>
    buildRegistry([
      registered(a),
      ...notes.map((note) => ({ type: 'tokentrail.log.witness', note })),
    ])

  test('cosignatures of known witnesses are anchors, and a quorum is said to be met', async () => {
    const note = headOf(base, 2)
    const one = await witnessed(cosigned(note))
    const first = await check([a.texts, one.texts], { policy })
    expect(first.findings).toEqual([])
    expect(first.anchors).toMatchObject([
      {
        kind: 'witness',
        log: REGISTRY,
        by: witness.key.name,
        size: 2,
        seconds: START_SECONDS + 1_000,
      },
    ])
    expect(first.shortfalls.join(' ')).toMatch(/quorum of witnesses is met for no head/)
    expect(first.remarks.join(' ')).not.toMatch(/could rewrite it/)
    const two = await witnessed(cosigned(note), cosigned(note, other))
    const second = await check([a.texts, two.texts], { policy })
    expect(second.remarks.join(' ')).toMatch(/quorum of witnesses is met up to size 2/)
    expect((await check([a.texts, two.texts])).anchors).toEqual([])
  })

  test('two witnesses of one name count for one each', async () => {
    const twin = createCosigner(witness.key.name, seedOf(23))
    const both = parseTlogPolicy(
      `witness W ${formatVerifierKey(witness.key)}\nwitness X ${formatVerifierKey(twin.key)}\n` +
        'group both all W X\nquorum both\n',
    )
    const note = headOf(base, 2)
    const one = await witnessed(cosigned(note))
    expect((await check([a.texts, one.texts], { policy: both })).shortfalls).toHaveLength(1)
    const two = await witnessed(cosigned(cosigned(note), twin))
    expect((await check([a.texts, two.texts], { policy: both })).shortfalls).toEqual([])
  })

  test('what was asked for and is not there is said', async () => {
    const refuse = (): never => {
      throw new Error('no token')
    }
    const without = await check([a.texts], { policy, verifyTimestamp: refuse })
    expect(without.shortfalls).toHaveLength(2)
    expect((await check([a.texts, base.texts])).shortfalls).toEqual([])
    const rewritten = await buildTestLog({ log: a.log, keyByte: 30, salt: () => 'other' })
    const kept = { checkpoints: [headOf(a, 7)] }
    expect((await check([rewritten.texts], kept)).shortfalls).toHaveLength(1)
  })

  test('a registry that was rewritten below a cosigned head is a fork', async () => {
    const note = cosigned(headOf(base, 2))
    const rewritten = await buildRegistry([registered(b), { type: 'tokentrail.log.witness', note }])
    const report = await check([b.texts, rewritten.texts], { policy })
    expect(report).toMatchObject({ verdict: 'FORK' })
    expect(report.findings).toMatchObject([{ log: REGISTRY, index: 2 }])
  })

  test('so it is by the copy that the witness, or Object Lock, has kept outside', async () => {
    const rewritten = await buildRegistry([registered(b)])
    const copy = headOf(base, 2)
    expect((await check([b.texts, rewritten.texts])).exitCode).toBe(0)
    const report = await check([b.texts, rewritten.texts], { checkpoints: [copy] })
    expect(report.verdict).toBe('FORK')
    const fine = await check([a.texts, base.texts], { checkpoints: [copy] })
    expect(fine.findings).toEqual([])
    expect(fine.anchors).toMatchObject([{ kind: 'copy', log: REGISTRY, size: 2 }])
    const unusable = { checkpoints: ['x', headOf({ ...base, log: 'y' }, 2), headOf(b, 3)] }
    const ignored = await check([a.texts, base.texts], unusable)
    expect(ignored.findings).toEqual([])
    expect(ignored.shortfalls.join(' ')).toMatch(/of the checkpoints given/)
  })

  test('a cosignature that does not fit is found', async () => {
    const note = cosigned(headOf(base, 2))
    const line = note.trimEnd().split('\n').at(-1)!
    const bad = `${note.trimEnd().slice(0, -8)}AAAAAAA=\n`
    expect(bad).not.toContain(line)
    const report = await check([a.texts, (await witnessed(bad)).texts], { policy })
    expect(report.findings).toMatchObject([{ verdict: 'ALTERED', log: REGISTRY, index: 2 }])
  })

  test('a time-stamp is an anchor when it is checked, and a finding when it does not hold', async () => {
    const note = headOf(base, 2)
    const response = formatBase64(Uint8Array.of(1, 2, 3))
    const stamped = await buildRegistry([
      registered(a),
      { type: 'tokentrail.log.timestamp', note, timestamp: response },
    ])
    const seen: string[] = []
    const verifyTimestamp: VerifyOptions['verifyTimestamp'] = (_, text) => {
      seen.push(text)
      return { seconds: 5, authority: 'Test TSA' }
    }
    const fine = await check([a.texts, stamped.texts], { verifyTimestamp })
    expect(fine.anchors).toMatchObject([{ kind: 'timestamp', by: 'Test TSA', size: 2, seconds: 5 }])
    expect(seen).toEqual([note.slice(0, note.indexOf('\n\n') + 1)])
    const refuse = (): never => {
      throw new Error('no')
    }
    const bad = await check([a.texts, stamped.texts], { verifyTimestamp: refuse })
    expect(bad.findings).toMatchObject([{ verdict: 'ALTERED', log: REGISTRY, index: 2 }])
    expect((await check([a.texts, stamped.texts])).findings).toEqual([])
    const verifyNone = (): undefined => undefined
    const stranger = await check([a.texts, stamped.texts], { verifyTimestamp: verifyNone })
    expect(stranger).toMatchObject({ findings: [], anchors: [] })
    expect(stranger.shortfalls).toHaveLength(1)
  })

  test('a registry that was rewritten below a time-stamped head is a fork', async () => {
    const timestamp = formatBase64(Uint8Array.of(1, 2, 3))
    const rewritten = await buildRegistry([
      registered(b),
      { type: 'tokentrail.log.timestamp', note: headOf(base, 2), timestamp },
    ])
    const verifyTimestamp = () => ({ seconds: 5, authority: 'Test TSA' })
    const report = await check([b.texts, rewritten.texts], { verifyTimestamp })
    expect(report.verdict).toBe('FORK')
    expect(named(report, 'FORK')).toEqual([2])
  })

  test('a head whose signature names an absurd time is described all the same', async () => {
    const log = await buildRegistry([registered(a)])
    const text = log.texts.at(-1)!
    const { note } = JSON.parse(text) as { note: string }
    const body = note.slice(0, note.indexOf('\n\n') + 1)
    const signatures = [log.signer.sign(body), log.cosigner.sign(body, (1n << 63n) - 1n)]
    const absurd = rewrite(
      text,
      (record) => (record['note'] = formatNote({ text: body, signatures })),
    )
    const report = await check([a.texts, log.texts.with(log.texts.length - 1, absurd)])
    expect(report.verdict).toBe('EXPIRED_KEY')
  })

  test('statements that are not in form are found', async () => {
    const wrong = await buildRegistry([
      registered(a),
      { type: 'tokentrail.registry.head', origin: 1 },
      { type: 'tokentrail.log.witness', note: 'no note' },
      { ...headRecord(headOf(a, 5)), size: 6 },
    ])
    const report = await check([a.texts, wrong.texts])
    expect(named(report, 'ALTERED')).toEqual([2, 3, 4])
  })
})

describe('a log that was registered and never began', () => {
  const EMPTY = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  const unbegun = (log: string, change: Members = {}): Members => ({
    type: 'tokentrail.log.recovered',
    prevLog: log,
    prevSize: 0,
    prevRoot: EMPTY,
    lastSignedSize: 0,
    ...change,
  })
  const nextOf = (log: string, ...extras: readonly Members[]) =>
    buildTestLog({ log, issuer: REGISTRY, keyByte: 11, extras, count: 3 })
  const missing = (report: Awaited<ReturnType<typeof check>>) =>
    report.findings.filter(({ verdict }) => verdict === 'MISSING_LOG').map(({ log }) => log)

  test('is no finding where the next log of its slot says so, and is remarked on', async () => {
    const next = await nextOf('orders/1/next', unbegun(b.log))
    const registry = await buildRegistry([registered(b), registered(next)])
    const report = await check([next.texts, registry.texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.anchors.filter(({ log }) => log === b.log)).toEqual([])
    expect(report.remarks.join()).toContain(`left no record, as later logs of their slots`)
    expect(report.remarks.join()).toContain(b.log)
  })

  test('is missing where nobody says so', async () => {
    const registry = await buildRegistry([registered(b)])
    expect(missing(await check([a.texts, registry.texts]))).toEqual([b.log])
  })

  test.each([
    ['another slot', 'orders/2/next', {}],
    ['another service', 'billing/1/next', {}],
    ['a statement with another root', 'orders/1/next', { prevRoot: 'A'.repeat(43) + '=' }],
    ['a statement of a size', 'orders/1/next', { prevSize: 1 }],
    ['a statement of a signed size', 'orders/1/next', { lastSignedSize: 1 }],
  ])('is missing for all that %s says', async (_, origin, change) => {
    const next = await nextOf(origin, unbegun(b.log, change))
    const registry = await buildRegistry([registered(b), registered(next)])
    expect(new Set(missing(await check([next.texts, registry.texts])))).toEqual(new Set([b.log]))
  })

  test('is missing where the registry holds a head of it: a removed log began', async () => {
    const next = await nextOf('orders/1/next', unbegun(b.log))
    const registry = await buildRegistry([
      registered(b),
      headRecord(headOf(b, 7)),
      registered(next),
    ])
    expect(missing(await check([next.texts, registry.texts]))).toEqual([b.log])
  })

  test('is missing where another log has taken over records of it', async () => {
    const next = await nextOf('orders/1/next', unbegun(b.log))
    const tree = createMerkleTree()
    for (const text of b.texts) tree.append(hashLeaf(text))
    const whole = { prevSize: b.size, prevRoot: formatBase64(tree.root()) }
    const after = await nextOf('orders/1/after', unbegun(b.log, whole))
    const registry = await buildRegistry([registered(b), registered(next), registered(after)])
    const report = await check([next.texts, after.texts, registry.texts])
    expect(missing(report)).toEqual([b.log])
  })

  test('is missing where the statement is under no signature, or of a key that nobody trusts', async () => {
    const registry = await buildRegistry([registered(b)])
    const open = await buildTestLog({
      log: 'orders/1/open',
      count: 0,
      extras: [unbegun(b.log)],
      end: 'tail',
    })
    const foreign = await buildTestLog({
      log: 'orders/1/foreign',
      extras: [unbegun(b.log)],
      certificate: { rootKey: untrustedKey() },
    })
    expect(missing(await check([open.texts, registry.texts]))).toEqual([b.log])
    expect(missing(await check([foreign.texts, registry.texts]))).toEqual([b.log])
  })

  test('and whose records are at hand all the same is judged by them', async () => {
    const next = await nextOf('orders/1/next', unbegun(b.log))
    const registry = await buildRegistry([registered(b), registered(next)])
    const whole = await check([b.texts, next.texts, registry.texts])
    expect(whole).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(whole.anchors).toEqual([])
    const cut = await check([b.texts.toSpliced(3, 1), next.texts, registry.texts])
    expect(named(cut, 'MISSING')).toEqual([3])
  })
})

/** A key that no verifier trusts. */
function untrustedKey(): { kty: string; crv: string; x: string; d: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'jwk' }) as { kty: string; crv: string; x: string; d: string }
}
