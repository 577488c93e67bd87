import { expect, test } from 'vitest'
import { createLogFollower } from '../src/index.ts'
import { ROOT, START_SECONDS, buildTestLog, seedOf } from './log-builder.ts'
import { rewrite } from './verify-harness.ts'

const follow = async (texts: readonly string[]) => {
  const follower = createLogFollower({ roots: [ROOT] })
  for (const text of texts) await follower.add(text)
  return follower.state()
}

test('every checkpoint moves the signed size, and the closing one seals', async () => {
  const log = await buildTestLog()
  const follower = createLogFollower({ roots: [ROOT] })
  let signedSize = 0
  for (const [index, text] of log.texts.entries()) {
    await follower.add(text)
    if (log.checkpoints.includes(index)) signedSize = index
    expect(follower.state()).toMatchObject({ size: index + 1, signedSize, findings: [] })
  }
  expect(follower.state()).toMatchObject({
    log: log.log,
    sealed: true,
    selfIssued: false,
    signedAt: START_SECONDS + signedSize,
  })
})

test('copies change nothing, and what is altered is named while the rest goes on', async () => {
  const { texts } = await buildTestLog()
  expect(await follow([...texts, ...texts])).toMatchObject({ sealed: true, findings: [] })
  const altered = rewrite(texts[9]!, (record) => (record['session'] = 'x'))
  const state = await follow(texts.with(9, altered))
  expect(state).toMatchObject({ sealed: true, findings: [{ verdict: 'ALTERED', index: 9 }] })
})

test('after a gap it goes on at the next frontier', async () => {
  const { texts } = await buildTestLog({ frontierEvery: 3 })
  const state = await follow(texts.toSpliced(4, 3))
  expect(state.sealed).toBe(true)
  expect(state.findings).toMatchObject([{ verdict: 'MISSING', index: 4, lastIndex: 6 }])
})

test('unknown keys, foreign records, forgeries and what comes after the end are findings', async () => {
  const { texts, size } = await buildTestLog()
  const verdicts = async (list: readonly string[]) =>
    (await follow(list)).findings.map(({ verdict }) => verdict)
  const unknown = await buildTestLog({ certificate: { keyByte: 9 } })
  expect(await verdicts(unknown.texts)).toContain('UNKNOWN_KEY')
  const foreign = rewrite(texts[3]!, (record) => (record['log'] = 'x/y/z'))
  expect(await verdicts([...texts, foreign])).toEqual(['ALTERED'])
  expect(await verdicts([...texts, 'garbage'])).toEqual(['ALTERED'])
  const more = rewrite(texts[3]!, (record) => (record['index'] = size))
  expect(await verdicts([...texts, more])).toEqual(['INSERTED'])
  const twin = rewrite(texts[9]!, (record) => (record['session'] = 'x'))
  expect(await verdicts([...texts.slice(0, 11), twin])).toEqual(['FORGED_DUP'])
  const late = await buildTestLog({ certificate: { exp: START_SECONDS + 45 } })
  expect(await verdicts(late.texts)).toContain('EXPIRED_KEY')
  const resealed = await buildTestLog({ keyByte: 9 })
  expect(await verdicts([texts[0]!, ...resealed.texts.slice(1)])).toContain('UNKNOWN_KEY')
  expect(seedOf(7)).toHaveLength(32)
})

test('what is said to be lost is passed over, and where the log has signed it that counts', async () => {
  const { texts, size, lastSignedSize } = await buildTestLog({ end: 'tail' })
  const follower = createLogFollower({ roots: [ROOT] })
  for (const text of texts.slice(0, 4)) await follower.add(text)
  follower.lose(5)
  for (const text of texts.slice(6)) await follower.add(text)
  expect(follower.state()).toMatchObject({ size, signedSize: lastSignedSize, findings: [] })
  const tail = createLogFollower({ roots: [ROOT] })
  for (const text of texts.slice(0, -1)) await tail.add(text)
  tail.lose(size - 1)
  expect(tail.state()).toMatchObject({ size, signedSize: lastSignedSize, findings: [] })
})
