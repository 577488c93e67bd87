import { describe, expect, test } from 'vitest'
import { START_SECONDS, buildTestLog } from './log-builder.ts'
import { named, nanos, rewrite, verify } from './verify-harness.ts'

// A record a second, a checkpoint every seven, a frontier and the certificate every 21.
const { texts, checkpoints } = await buildTestLog({ count: 200, every: 6, frontierEvery: 3 })
const since = (index: number): bigint => nanos(START_SECONDS + index)
const last = texts.length - 1

describe('a slice of a log since a time', () => {
  test('verifies alone, wherever it begins, if it has a frontier', async () => {
    for (let first = 1; first < last - 25; first++) {
      const report = await verify(texts.slice(first), { since: since(first) })
      expect(report, `${first}`).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
      expect(report.logs[0]).toMatchObject({ state: 'sealed', beforeSince: first })
    }
  })

  test('may have been cut at its end too', async () => {
    const until = since(150)
    const report = await verify(texts.slice(50, 155), { since: since(50), until })
    expect(report).toMatchObject({ verdict: 'VALID_UNTIL', findings: [] })
  })

  test('may have log.open beside it', async () => {
    const report = await verify([texts[0]!, ...texts.slice(60)], { since: since(60) })
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  })

  test('names every record of it that was altered or removed, those before its frontier included', async () => {
    const slice = texts.slice(60, 160)
    const options = { since: since(60), until: since(150) }
    for (let at = 1; at < 90; at++) {
      const index = 60 + at
      const other = rewrite(slice[at]!, (record) => (record['time'] = `${String(record['time'])}0`))
      const altered = await verify(slice.with(at, other), options)
      expect(altered.exitCode, `${index}`).toBeGreaterThanOrEqual(20)
      expect(named(altered, 'ALTERED')).toContain(index)
      const removed = await verify(slice.toSpliced(at, 1), options)
      const verdict = checkpoints.includes(index) ? 'MISSING_CHECKPOINT' : 'MISSING'
      expect(named(removed, verdict), `${index}`).toEqual([index])
    }
  })

  test('is proven up to the first checkpoint that carries a frontier, and back from there', async () => {
    const slice = texts.slice(60, 160)
    const at = checkpoints.find((index) => index > 62)! - 60
    const checkpoint = rewrite(slice[at]!, (record) => {
      const leaves = Buffer.from(record['leaves'] as string, 'base64')
      leaves[leaves.length - 1] = (leaves.at(-1) ?? 0) ^ 1
      record['leaves'] = leaves.toString('base64')
    })
    const other = rewrite(slice[at - 1]!, (record) => (record['session'] = 'x'))
    const report = await verify(slice.with(at, checkpoint).with(at - 1, other), {
      since: since(60),
      until: since(150),
    })
    expect(named(report, 'ALTERED')).toEqual([59 + at, 60 + at])
  })

  test('that begins long after the time that was asked for has lost its beginning', async () => {
    const report = await verify(texts.slice(160), { since: since(60) })
    expect(report).toMatchObject({ verdict: 'MISSING', findings: [{ index: 159 }] })
  })

  test('without being called one has lost everything before it', async () => {
    const report = await verify(texts.slice(60))
    expect(report.verdict).toBe('MISSING')
    expect(named(report, 'MISSING')[0]).toBe(0)
  })

  test('without a frontier has no certificate either', async () => {
    const plain = await buildTestLog({ count: 60 })
    const report = await verify(plain.texts.slice(20), { since: since(20) })
    expect(report.verdict).toBe('UNKNOWN_KEY')
  })

  test('of a log that began later is looked for from its first record on', async () => {
    const report = await verify(texts.slice(2), { since: since(-10) })
    expect(report.verdict).toBe('MISSING')
    expect(named(report, 'MISSING')).toEqual([0, 1])
  })

  test('trusts no certificate of another log or root', async () => {
    const stranger = await buildTestLog({ log: 'orders/0/other', count: 200, frontierEvery: 3 })
    const certificate = (JSON.parse(stranger.texts[0]!) as { certificate: string }).certificate
    const forged = texts
      .slice(60)
      .map((text) =>
        text.includes('"certificate"')
          ? rewrite(text, (record) => (record['certificate'] = certificate))
          : text,
      )
    expect((await verify(forged, { since: since(60) })).verdict).toBe('UNKNOWN_KEY')
  })
})
