import { describe, expect, test } from 'vitest'
import { formatBase64, verifyLogs } from '../src/index.ts'
import type { ExportedRecord } from '../src/index.ts'
import { ROOT, START_SECONDS, buildTestLog } from './log-builder.ts'
import { named, nanos, rewrite, verify } from './verify-harness.ts'

test('an export without records has no verdict', async () => {
  expect(await verify([])).toMatchObject({ verdict: 'NO_RECORDS', exitCode: 1, logs: [] })
  expect(await verify(['not a record'])).toMatchObject({ verdict: 'NO_RECORDS', exitCode: 1 })
})

test('a wrong option is a TypeError', async () => {
  await expect(verifyLogs([], { roots: undefined as never })).rejects.toThrow(/"roots"/)
})

test('records may come from an async source, and progress is told', async () => {
  const { texts } = await buildTestLog()
  const told: number[] = []
  async function* read(): AsyncGenerator<ExportedRecord> {
    for (const body of texts) yield { body }
  }
  const onProgress = (records: number): void => void told.push(records)
  const report = await verifyLogs(read(), { roots: [ROOT], onProgress })
  expect(report.verdict).toBe('VALID_SEALED')
  expect(told).toEqual([texts.length])
})

describe('several logs', () => {
  test('mixed whole they are told apart, and one open log decides', async () => {
    const a = await buildTestLog({ log: 'orders/0/a' })
    const b = await buildTestLog({ log: 'orders/1/b', keyByte: 8, end: 'checkpoint' })
    const mixed = [...a.texts, ...b.texts].sort()
    const report = await verify(mixed)
    expect(report.verdict).toBe('UNSEALED_END')
    expect(report.logs.map(({ log, state }) => [log, state])).toEqual([
      ['orders/0/a', 'sealed'],
      ['orders/1/b', 'unsealed'],
    ])
    expect(report.findings).toHaveLength(1)
  })

  test('a record moved into another log is a log without a key', async () => {
    const { texts } = await buildTestLog()
    const moved = rewrite(texts[3]!, (record) => (record['log'] = 'orders/0/other'))
    const report = await verify(texts.with(3, moved))
    expect(report).toMatchObject({ verdict: 'UNKNOWN_KEY', exitCode: 27 })
    expect(named(report, 'MISSING')).toContain(3)
  })
})

describe('an open end', () => {
  test('is told with its signed size, its unsealed records and seconds', async () => {
    const log = await buildTestLog({ count: 40, end: 'tail' })
    const report = await verify(log.texts)
    expect(report.verdict).toBe('UNSEALED_END')
    const signedSize = log.lastSignedSize
    const unsealedRecords = log.size - signedSize - 1
    expect(report.logs[0]).toMatchObject({ signedSize, unsealedRecords, state: 'unsealed' })
    expect(report.logs[0]?.unsealedSeconds).toBe(unsealedRecords)
    expect(unsealedRecords).toBeGreaterThan(0)
  })

  test('a gap in the tail is missing, two texts there are forged', async () => {
    const log = await buildTestLog({ count: 40, end: 'tail' })
    const inTail = log.lastSignedSize + 2
    const gap = await verify(log.texts.toSpliced(inTail, 1))
    expect(gap.verdict).toBe('MISSING')
    expect(named(gap, 'MISSING')).toEqual([inTail])
    const twin = rewrite(log.texts[inTail]!, (record) => (record['session'] = 'x'))
    const forged = await verify([...log.texts, twin])
    expect(forged.verdict).toBe('FORGED_DUP')
    expect(named(forged, 'FORGED_DUP')).toEqual([inTail])
  })

  test('is no finding until a time that its signed head has reached', async () => {
    const log = await buildTestLog({ count: 40, end: 'tail' })
    const signedAt = START_SECONDS + log.lastSignedSize
    const reached = await verify(log.texts, { until: nanos(signedAt) })
    expect(reached).toMatchObject({ verdict: 'VALID_UNTIL', exitCode: 0, findings: [] })
    expect(reached.until).toBe(nanos(signedAt).toString())
    expect(reached.logs[0]?.unsealedRecords).toBeGreaterThan(0)
    const past = await verify(log.texts, { until: nanos(signedAt) + 1n })
    expect(past.verdict).toBe('UNSEALED_END')
    const gap = log.texts.toSpliced(log.lastSignedSize + 2, 1)
    expect((await verify(gap, { until: nanos(signedAt) })).verdict).toBe('VALID_UNTIL')
    const damaged = log.texts.toSpliced(3, 1)
    expect((await verify(damaged, { until: nanos(signedAt) })).verdict).toBe('MISSING')
  })

  test('and no line of a stranger moves the time of that head', async () => {
    const { texts, checkpoints } = await buildTestLog({ end: 'checkpoint', frontierEvery: 1 })
    const head = checkpoints.at(-1)!
    const until = nanos(START_SECONDS + 500)
    const stranger = new Uint8Array(76)
    new DataView(stranger.buffer).setBigUint64(4, BigInt(START_SECONDS + 600))
    const line = `— somebody.example.com ${formatBase64(stranger)}\n`
    const adorn = (note: string): string => note.replace('\n\n', `\n\n${line}`)
    const forged = rewrite(texts[head]!, (record) => {
      record['note'] = adorn(record['note'] as string)
    })
    const report = await verify(texts.with(head, forged), { until })
    expect(report.verdict).toBe('ALTERED')
    expect(named(report, 'UNSEALED_END')).toEqual([head])
    const { note } = JSON.parse(texts[head]!) as { readonly note: string }
    const copied = await verify(texts, { until, checkpoints: [adorn(note)] })
    expect(copied.verdict).toBe('UNSEALED_END')
    // The head itself is judged, though nothing above it is.
    for (const certificate of ['', 'x.y.z']) {
      const other = rewrite(texts[head]!, (record) => (record['certificate'] = certificate))
      const judged = await verify(texts.with(head, other), { until: nanos(START_SECONDS + 1) })
      expect(named(judged, 'ALTERED')).toEqual([head])
    }
  })

  test('a sealed log stays sealed, whatever the time asked for', async () => {
    const log = await buildTestLog()
    expect((await verify(log.texts, { until: nanos(START_SECONDS + 10 ** 6) })).verdict).toBe(
      'VALID_SEALED',
    )
  })

  test('a log whose certificate begins after that time need not have a head', async () => {
    const log = await buildTestLog({ count: 3, every: 100, end: 'tail' })
    expect((await verify(log.texts, { until: nanos(START_SECONDS) - 1n })).verdict).toBe(
      'VALID_UNTIL',
    )
    expect((await verify(log.texts, { until: nanos(START_SECONDS) })).verdict).toBe('UNSEALED_END')
  })
})

test.each(['', 'soon', '1e18', '01', 1])('a record observed at %j is none', async (observed) => {
  const { texts } = await buildTestLog({ extras: [{ type: 'oauth.request', observed }] })
  expect(named(await verify(texts), 'ALTERED')).toEqual([1])
})

test.each(['constructor', '__proto__', 'toString'])('a record may be of type %s', async (type) => {
  const { texts } = await buildTestLog({ extras: [{ type, note: 'x' }] })
  expect((await verify(texts)).findings).toEqual([])
})

test('the gravest of several findings decides', async () => {
  const log = await buildTestLog({ end: 'tail' })
  const altered = rewrite(log.texts[9]!, (record) => (record['session'] = 'x'))
  const twin = rewrite(log.texts[11]!, (record) => (record['session'] = 'x'))
  const steps: [readonly string[], string][] = [
    [log.texts, 'UNSEALED_END'],
    [log.texts.toSpliced(5, 1), 'MISSING'],
    [[...log.texts.toSpliced(5, 1), twin], 'FORGED_DUP'],
    [[...log.texts.with(9, altered).toSpliced(5, 1), twin], 'ALTERED'],
    [[...log.texts.with(9, altered).slice(1), twin], 'UNKNOWN_KEY'],
  ]
  for (const [texts, verdict] of steps) expect((await verify(texts)).verdict).toBe(verdict)
})

test('findings without end are counted, not kept', async () => {
  const { texts } = await buildTestLog({ count: 2, end: 'tail' })
  const many = Array.from({ length: 3_000 }, (_, i) =>
    rewrite(texts[1]!, (record) => (record['index'] = 10 + 2 * i)),
  )
  const report = await verify([...texts, ...many])
  expect(report.findings.filter(({ verdict }) => verdict === 'MISSING')).toHaveLength(1_000)
  expect(report.omittedFindings).toBe(2_000)
})
