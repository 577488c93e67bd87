import { describe, expect, test } from 'vitest'
import {
  buildProofBundle,
  canonicalize,
  createVerifierKey,
  ED25519_TYPE,
  formatProofBundle,
  hashLeaf,
  isProofBundle,
  listTlogProofs,
  openNote,
  parseCheckpoint,
  parseProofBundle,
  parseTlogProof,
  verifyInclusion,
  verifyProofBundle,
  type BundleSubject,
} from '../src/index.ts'
import { ROOT, buildCarrying, buildTestLog, type TestLog } from './log-builder.ts'
import { type Members, rewrite } from './verify-harness.ts'

// TOKENTRAIL_ATTACK_RECORDS, which asks for the long form, alters every byte.
const STEP = process.env['TOKENTRAIL_ATTACK_RECORDS'] === undefined ? 5 : 1

const token = (fingerprint: string, session?: string): Members => ({
  type: 'oauth.token.observed',
  ...(session !== undefined && { session }),
  attributes: { 'oauth.token.fingerprint': fingerprint, 'oauth.token.scopes': ['read'] },
})
const request = (session: string, fingerprint: string): Members => ({
  type: 'oauth.request',
  session,
  attributes: { 'oauth.decision': 'allow', 'oauth.token.fingerprint': fingerprint },
})

const log = await buildTestLog({
  count: 60,
  extras: [token('t-1'), request('mine', 't-1'), request('other', 't-2'), token('t-2', 'other')],
})
const about: BundleSubject = { session: 'mine' }

function build(texts: readonly string[], subject: BundleSubject = about) {
  const records = texts.map((body) => ({ body }))
  return buildProofBundle(() => records, { roots: [ROOT], about: subject })
}

async function bundleOf(logs: readonly TestLog[], subject: BundleSubject = about): Promise<string> {
  const outcome = await build(
    logs.flatMap(({ texts }) => texts),
    subject,
  )
  if (outcome.status !== 'proven') throw new Error(JSON.stringify(outcome))
  return formatProofBundle(outcome.bundle)
}

const verify = (text: string) => verifyProofBundle(text, [ROOT])

describe('a proof bundle', () => {
  test('proves the records of a session with the tokens that they join, and says what it does not', async () => {
    const text = await bundleOf([log])
    expect(isProofBundle(text)).toBe(true)
    const report = await verify(text)
    expect(report).toMatchObject({ verdict: 'PROVEN', exitCode: 0, about, findings: [] })
    expect(report.records.map(({ index, type }) => [index, type])).toEqual([
      [1, 'oauth.token.observed'],
      [2, 'oauth.request'],
    ])
    expect(report.logs).toMatchObject([{ log: log.log, size: log.size - 1, selfIssued: false }])
    expect(report.remarks.join(' ')).toContain('does not prove that these are all records')
  })

  test('proves one record by its id', async () => {
    const report = await verify(await bundleOf([log], { record: `${log.log}.17` }))
    expect(report.verdict).toBe('PROVEN')
    expect(report.records.map(({ index }) => index)).toEqual([17])
  })

  test('holds a node once, whatever the number of records', async () => {
    const { logs } = parseProofBundle(await bundleOf([log], { session: 'session-1' }))
    const [{ nodes, records } = { nodes: [], records: [] }] = logs
    const used = records.reduce((sum, { path }) => sum + path.length, 0)
    expect(records).toHaveLength(12)
    expect(nodes.length).toBeLessThan(used)
  })

  test('may prove the tail of a killed log by its successor', async () => {
    const dead = await buildTestLog({ log: 'orders/0/dead', end: 'tail', count: 10 })
    const next = await buildTestLog({
      log: 'orders/0/next',
      keyByte: 8,
      extras: [buildCarrying(dead)],
    })
    const report = await verify(await bundleOf([next, dead], { record: `${dead.log}.10` }))
    expect(report).toMatchObject({ verdict: 'PROVEN', findings: [] })
    expect(report.logs).toMatchObject([
      { log: dead.log, recoveredBy: next.log, size: dead.size },
      { log: next.log },
    ])
  })

  test('is not made of records that nothing signed covers, that were altered, or that are not there', async () => {
    const open = await buildTestLog({ count: 10, end: 'tail' })
    expect(await build(open.texts, { record: `${open.log}.${open.size - 1}` })).toMatchObject({
      status: 'unproven',
      records: [{ index: open.size - 1, reason: 'no signed checkpoint covers it yet' }],
    })
    const altered = rewrite(log.texts[2]!, (record) => (record['time'] = '1'))
    expect(await build(log.texts.with(2, altered))).toMatchObject({
      status: 'unproven',
      records: [{ index: 2, reason: 'it is not the record that the log has signed' }],
    })
    expect(await build(log.texts, { session: 'nobody' })).toEqual({ status: 'absent' })
  })

  test('is made of a log that lacks other records, as long as its checkpoints are there', async () => {
    const kept = log.texts.filter((text) => !/agent [0-9]*[02468]"/.test(text))
    expect(kept.length).toBeLessThan(log.texts.length)
    expect(await build(kept)).toMatchObject({ status: 'proven', records: 2 })
  })

  test('gives a C2SP proof for each record', async () => {
    const bundle = parseProofBundle(await bundleOf([log]))
    const key = createVerifierKey(log.log, ED25519_TYPE, log.signer.key.publicKey)
    const proofs = listTlogProofs(bundle)
    expect(proofs.map(({ index }) => index)).toEqual([1, 2])
    for (const { proof, text } of proofs) {
      const { index, proof: hashes, checkpoint } = parseTlogProof(proof)
      const { size, root } = parseCheckpoint(openNote(checkpoint, [key]).text)
      verifyInclusion({ index, size, root, proof: hashes, leafHash: hashLeaf(text) })
    }
  })
})

describe('an altered bundle', () => {
  test('is found out, whichever byte was altered, added or removed', async () => {
    const text = await bundleOf([log])
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += STEP) {
      const changed = Buffer.from(bytes)
      changed[at] = bytes[at]! ^ 1
      for (const other of [
        changed,
        at % (7 * STEP) === 0
          ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
          : changed,
        at % 7 === 0
          ? Buffer.concat([bytes.subarray(0, at), Buffer.from(' '), bytes.subarray(at)])
          : changed,
      ]) {
        const report = await verify(other.toString())
        expect(
          report.exitCode,
          `byte ${at}: ${other.toString().slice(at - 20, at + 20)}`,
        ).toBeGreaterThanOrEqual(20)
      }
    }
  })

  const change = async (edit: (bundle: Members, first: Members) => void): Promise<string> => {
    const bundle = JSON.parse(await bundleOf([log])) as { logs: Members[] } & Members
    edit(bundle, bundle.logs[0]!)
    return `${canonicalize(bundle)}\n`
  }
  const records = (first: Members) => first['records'] as { text: string; path: number[] }[]

  test.each<[string, string, (bundle: Members, first: Members) => void]>([
    ['another session', 'INSERTED', (bundle) => (bundle['about'] = { session: 'other' })],
    ['a member more', 'ALTERED', (bundle) => (bundle['x'] = 1)],
    ['another version', 'ALTERED', (bundle) => (bundle['v'] = 2)],
    ['a record less', 'ALTERED', (_, first) => records(first).pop()],
    ['a proof that is too short', 'ALTERED', (_, first) => records(first)[1]!.path.pop()],
    ['a node twice', 'ALTERED', (_, first) => (first['nodes'] = String(first['nodes']).repeat(2))],
    ['records swapped', 'ALTERED', (_, first) => (first['records'] = records(first).toReversed())],
    [
      'a certificate of nobody',
      'UNKNOWN_KEY',
      (_, first) => (first['certificate'] = `${String(first['certificate']).slice(0, -4)}AAAA`),
    ],
    [
      'a signature line more',
      'ALTERED',
      (_, first) => {
        const { note } = first['head'] as { note: string }
        first['head'] = { note: `${note}— a AAAAAAA=\n` }
      },
    ],
    [
      'a head that nothing proves',
      'UNKNOWN_KEY',
      (_, first) => (first['head'] = { recovered: { index: 1, log: 'orders/0/next' } }),
    ],
    [
      'a head that its own record proves',
      'UNKNOWN_KEY',
      (_, first) => (first['head'] = { recovered: { index: 1, log: log.log } }),
    ],
  ])('with %s is %s', async (_, verdict, edit) => {
    expect((await verify(await change(edit))).verdict).toBe(verdict)
  })

  test('with a proven record of another session is not about the one that it names', async () => {
    const mine = parseProofBundle(await bundleOf([log]))
    const other = parseProofBundle(await bundleOf([log], { session: 'other' }))
    const both = formatProofBundle({ about, logs: other.logs })
    expect((await verify(both)).verdict).toBe('INSERTED')
    expect(mine.logs).toHaveLength(1)
  })

  test('proves nothing to whoever trusts another root', async () => {
    expect((await verifyProofBundle(await bundleOf([log]), [])).verdict).toBe('UNKNOWN_KEY')
  })
})
