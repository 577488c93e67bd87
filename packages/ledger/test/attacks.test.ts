import { describe, expect, test } from 'vitest'
import {
  canonicalize,
  formatBase64,
  hashLeaf,
  type Verdict,
  type VerificationReport,
} from '../src/index.ts'
import { buildTestLog } from './log-builder.ts'
import { named, rewrite, verify as verifyPart, type Members } from './verify-harness.ts'

// TOKENTRAIL_ATTACK_RECORDS=1000 runs the same attacks over a longer log.
const COUNT = Number(process.env['TOKENTRAIL_ATTACK_RECORDS'] ?? 40)
const sealed = await buildTestLog({ count: COUNT, frontierEvery: 3 })
const { texts, checkpoints } = sealed
const last = texts.length - 1
// These logs have no routes: every record of theirs must be there.
const verify = (bodies: readonly string[]): Promise<VerificationReport> =>
  verifyPart(bodies, { route: '*' })
const isCheckpoint = (index: number): boolean => checkpoints.includes(index)

const parse = (text: string): Members => JSON.parse(text) as Members
const replaceAt = (index: number, text: string): string[] => texts.with(index, text)

test('the untouched log is valid and sealed', async () => {
  expect(await verify(texts)).toMatchObject({ verdict: 'VALID_SEALED', exitCode: 0, findings: [] })
})

describe('altering a record', () => {
  test('any member of any record is reported at its index', async () => {
    for (const [index, text] of texts.entries()) {
      for (const name of Object.keys(parse(text))) {
        if (name === 'index' || name === 'log') continue
        const changed = rewrite(text, (record) => {
          record[name] = `${JSON.stringify(record[name])}x`
        })
        const report = await verify(replaceAt(index, changed))
        // Without a whole log.open there is no certificate, and so no key.
        expect(report.exitCode).toBe(index === 0 ? 27 : 21)
        expect(named(report, 'ALTERED')).toContain(index)
      }
    }
  })

  test('any single character of a few records is reported, whatever becomes of the text', async () => {
    for (const index of [0, 3, checkpoints[1]!, last - 1, last]) {
      const text = texts[index]!
      for (let at = 0; at < text.length; at += 3) {
        const changed = `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`
        const report = await verify(replaceAt(index, changed))
        expect(
          report.exitCode,
          `${index} at ${at}: ${JSON.stringify(report.findings)} ${changed.slice(at - 10, at + 10)}`,
        ).toBeGreaterThanOrEqual(20)
      }
    }
  })

  test.each([
    ['whitespace behind it', (text: string) => `${text} `],
    ['whitespace inside', (text: string) => text.replace(':', ': ')],
    ['a second JSON value', (text: string) => `${text}{}`],
    ['an escape that need not be', (text: string) => text.replace('GET', 'G\\u0045T')],
    ['a repeated member', (text: string) => text.replace('"v":1', '"v":1,"v":1')],
    ['no body', () => ''],
    ['a body cut short', (text: string) => text.slice(0, 200)],
    ['a body that is an array', () => '[]'],
    ['a body that is null', () => 'null'],
  ])('%s is reported', async (_, change) => {
    const report = await verify(replaceAt(5, change(texts[5]!)))
    expect(report).toMatchObject({ verdict: 'ALTERED', exitCode: 21 })
  })

  test('an altered record and an altered leaf hash in its checkpoint do not cover for each other', async () => {
    const changed = rewrite(texts[5]!, (record) => (record['session'] = 'other'))
    const leaves = Buffer.from(parse(texts[checkpoints[0]!]!)['leaves'] as string, 'base64')
    leaves.set(hashLeaf(changed), 5 * 32)
    const checkpoint = rewrite(
      texts[checkpoints[0]!]!,
      (record) => (record['leaves'] = formatBase64(leaves)),
    )
    const report = await verify(texts.with(5, changed).with(checkpoints[0]!, checkpoint))
    expect(report.verdict).toBe('ALTERED')
    expect(named(report, 'ALTERED')).toContain(checkpoints[0]!)
  })
})

describe('removing records', () => {
  test('each record alone is named', async () => {
    for (const index of texts.keys()) {
      const report = await verify(texts.toSpliced(index, 1))
      const expected: Verdict =
        index === last ? 'UNSEALED_END' : isCheckpoint(index) ? 'MISSING_CHECKPOINT' : 'MISSING'
      expect(report.verdict).toBe(expected)
      if (index === last) continue
      expect([...named(report, 'MISSING'), ...named(report, 'MISSING_CHECKPOINT')]).toEqual([index])
    }
  })

  test('each two adjacent records are named', async () => {
    for (let index = 1; index < last - 1; index++) {
      const report = await verify(texts.toSpliced(index, 2))
      const missing = [...named(report, 'MISSING'), ...named(report, 'MISSING_CHECKPOINT')]
      expect(
        missing.sort((a, b) => a - b),
        `${index}`,
      ).toEqual([index, index + 1])
      expect([20, 25]).toContain(report.exitCode)
    }
  })

  test('runs of ten are named', async () => {
    for (let index = 1; index + 10 < last; index += 3) {
      const report = await verify(texts.toSpliced(index, 10))
      const missing = [...named(report, 'MISSING'), ...named(report, 'MISSING_CHECKPOINT')]
      expect(missing.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => index + i))
      expect(report.verdict).toBe('MISSING')
    }
  })

  test('with all ordinary records gone the tree still stands and every one is named', async () => {
    const kept = texts.filter((text) => !text.includes('"oauth.request"'))
    const report = await verify(kept)
    expect(report).toMatchObject({ verdict: 'MISSING', logs: [{ state: 'sealed' }] })
    expect(named(report, 'MISSING')).toHaveLength(texts.length - kept.length)
  })

  test('without any checkpoint nothing is proven', async () => {
    const report = await verify(texts.filter((_, index) => !isCheckpoint(index)))
    expect(report.verdict).toBe('MISSING')
    expect(report.logs[0]).toMatchObject({ state: 'unsealed', signedSize: 0 })
  })

  test('a missing checkpoint beside a missing record: what cannot be proven ends at the next frontier', async () => {
    // The third checkpoint carries a frontier.
    const [, second] = checkpoints
    const gone = new Set([second! - 1, second!])
    const report = await verify(texts.filter((_, index) => !gone.has(index)))
    expect(named(report, 'MISSING')).toEqual([second! - 1])
    expect(named(report, 'MISSING_CHECKPOINT')).toEqual([second!])
    expect(report.logs[0]).toMatchObject({ state: 'sealed' })
    const altered = texts.with(
      last - 3,
      rewrite(texts[last - 3]!, (r) => (r['session'] = 'x')),
    )
    const both = await verify(altered.filter((_, index) => !gone.has(index)))
    expect(both.verdict).toBe('ALTERED')
    expect(named(both, 'ALTERED')).toEqual([last - 3])
  })

  test('without a frontier behind it the rest stays unproven, and no end is believed', async () => {
    const plain = await buildTestLog()
    const [, second] = plain.checkpoints
    const gone = new Set([second! - 1, second!])
    const report = await verify(plain.texts.filter((_, index) => !gone.has(index)))
    expect(report.verdict).toBe('MISSING')
    expect(report.logs[0]).toMatchObject({ state: 'unsealed' })
  })
})

describe('cutting the tail off', () => {
  test('at every index the end is never called plain valid', async () => {
    for (let size = 1; size < texts.length; size++) {
      const report = await verify(texts.slice(0, size))
      expect(report).toMatchObject({ verdict: 'UNSEALED_END', exitCode: 10 })
      const signed = checkpoints.findLast((index) => index < size) ?? 0
      expect(named(report, 'UNSEALED_END')).toEqual([signed])
    }
  })

  test('and relabelling the last checkpoint as the close or the closing one seals nothing', async () => {
    for (const index of checkpoints.slice(0, -1)) {
      const cut = texts.slice(0, index)
      const checkpoint = texts[index]!
      const asClose = rewrite(checkpoint, (record) => (record['type'] = 'tokentrail.log.close'))
      const asClosing = rewrite(checkpoint, (record) => {
        delete record['routes']
        delete record['frontier']
        const note = String(record['note'])
        const cosignature = Buffer.from(note.trimEnd().split(' ').at(-1)!, 'base64')
        record['time'] = `${cosignature.readBigUInt64BE(4)}000000000`
      })
      for (const text of [asClose, asClosing]) {
        const report = await verify([...cut, text])
        expect(report.exitCode).toBeGreaterThanOrEqual(10)
        expect(report.logs[0]?.state).toBe('unsealed')
      }
      expect((await verify([...cut, asClose])).verdict).toBe('ALTERED')
    }
  })
})

describe('inserting records', () => {
  const forged = (index: number): string =>
    rewrite(texts[1]!, (record) => Object.assign(record, { index, session: 'forged' }))

  test('at a used index two texts claim it', async () => {
    for (const index of [1, 5, checkpoints[0]!, last - 1, last]) {
      const report = await verify([...texts, forged(index)])
      expect(report).toMatchObject({ verdict: 'FORGED_DUP', exitCode: 22 })
      expect(named(report, 'FORGED_DUP')).toEqual([index])
    }
  })

  test('after the close there is no room', async () => {
    for (const index of [last + 1, last + 5, Number.MAX_SAFE_INTEGER]) {
      const report = await verify([...texts, forged(index)])
      expect(report).toMatchObject({ verdict: 'INSERTED', exitCode: 23 })
      expect(named(report, 'INSERTED')).toEqual([index])
    }
  })

  test('far above an open tail the gap is one finding and costs no memory', async () => {
    const report = await verify([...texts.slice(0, 20), forged(9_000_000_000_000_000)])
    expect(report.verdict).toBe('MISSING')
    expect(report.findings.filter(({ verdict }) => verdict === 'MISSING')).toMatchObject([
      { index: 20, lastIndex: 8_999_999_999_999_999 },
    ])
  })

  test('an index that is no safe integer is reported', async () => {
    for (const index of ['1e400', '9007199254740993', '-1', '1.5', '"7"']) {
      const report = await verify([...texts, texts[1]!.replace('"index":1,', `"index":${index},`)])
      expect(report.exitCode).toBe(21)
    }
  })

  test('swapped and renumbered records are both altered', async () => {
    for (let index = 1; index + 1 < last; index++) {
      const first = rewrite(texts[index + 1]!, (record) => (record['index'] = index))
      const second = rewrite(texts[index]!, (record) => (record['index'] = index + 1))
      const report = await verify(texts.with(index, first).with(index + 1, second))
      expect(report.verdict).toBe('ALTERED')
      expect(named(report, 'ALTERED')).toEqual(expect.arrayContaining([index, index + 1]))
    }
  })
})

test('a checkpoint copied with other leaf hashes hides neither itself nor a record', async () => {
  const at = checkpoints[1]!
  const copy = rewrite(texts[at]!, (record) => (record['leaves'] = flip(String(record['leaves']))))
  for (const [bodies, verdict] of [
    [[copy, ...texts], 'FORGED_DUP'],
    [[copy, ...texts.filter((text) => !text.includes('"oauth.request"'))], 'FORGED_DUP'],
    [[copy, ...texts.with(at, copy)], 'ALTERED'],
  ] as const) {
    const report = await verify(bodies)
    expect(report.verdict).toBe(verdict)
    expect(named(report, verdict)).toEqual([at])
    expect(report.logs[0]?.state).toBe('sealed')
  }
})

describe('what is no attack', () => {
  test('any order and any number of exact copies', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const copies = texts.flatMap((text, i) => (i % seed === 0 ? [text, text] : [text]))
      const shuffled = copies
        .map((text, i) => ({ text, key: (i * 7919 * seed + seed) % 1009 }))
        .sort((a, b) => a.key - b.key)
        .map(({ text }) => text)
      const report = await verify(shuffled)
      expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
      expect(report.duplicates).toBe(copies.length - texts.length)
    }
  })

  test('identity records are set aside', async () => {
    const identity = canonicalize({
      v: 1,
      log: sealed.log,
      type: 'tokentrail.identity',
      time: '1',
      attributes: { 'tokentrail.identity.kind': 'sub' },
    })
    const report = await verify([identity, ...texts])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', identities: 1 })
  })
})

describe('the records that no root covers', () => {
  const closing = (change: (record: Members) => void): Promise<VerificationReport> =>
    verify(replaceAt(last, rewrite(texts[last]!, change)))

  test.each([
    ['a member more', (r: Members) => (r['x'] = 1)],
    ['attributes', (r: Members) => (r['attributes'] = {})],
    ['a frontier', (r: Members) => (r['frontier'] = '')],
    ['another time', (r: Members) => (r['time'] = String(r['time']).replace(/0$/, '1'))],
    ['another from', (r: Members) => (r['from'] = Number(r['from']) - 1)],
    ['a signature line more', (r: Members) => (r['note'] = `${String(r['note'])}— a AAAAAAA=\n`)],
    [
      'a signature line less',
      (r: Members) => (r['note'] = String(r['note']).replace(/—.*\n$/, '')),
    ],
    ['spare base64 bits in leaves', (r: Members) => (r['leaves'] = spareBits(String(r['leaves'])))],
    ['other leaves', (r: Members) => (r['leaves'] = formatBase64(new Uint8Array(64)))],
    ['no leaves', (r: Members) => delete r['leaves']],
  ])('a closing checkpoint with %s is altered', async (_, change) => {
    const report = await closing(change)
    expect(report).toMatchObject({ verdict: 'ALTERED', exitCode: 21 })
    expect(named(report, 'ALTERED')).toContain(last)
  })

  const at = checkpoints[2]!
  const cut = (change: (record: Members) => void): Promise<VerificationReport> =>
    verify([...texts.slice(0, at), rewrite(texts[at]!, change)])

  test.each([
    ['a strange member', (r: Members) => (r['x'] = 1)],
    ['another frontier', (r: Members) => (r['frontier'] = flip(String(r['frontier'])))],
    ['a frontier of odd length', (r: Members) => (r['frontier'] = '')],
    ['other leaves', (r: Members) => (r['leaves'] = flip(String(r['leaves'])))],
    ['a signature line more', (r: Members) => (r['note'] = `${String(r['note'])}— a AAAAAAA=\n`)],
    ['routes for other leaves', (r: Members) => (r['routes'] = [[1, []]])],
    ['a time far away', (r: Members) => (r['time'] = '1795466500000000000')],
  ])('an uncovered checkpoint with %s is altered', async (_, change) => {
    const report = await cut(change)
    expect(report).toMatchObject({ verdict: 'ALTERED', exitCode: 21 })
    expect(named(report, 'ALTERED')).toContain(at)
  })
})

function spareBits(base64: string): string {
  return base64.replace(/.=/, (tail) => `${String.fromCharCode(tail.charCodeAt(0) + 1)}=`)
}

function flip(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64')
}
