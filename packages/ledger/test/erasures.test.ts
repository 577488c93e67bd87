import { expect, test } from 'vitest'
import { createLogFollower, ERASURE_CERTIFICATE_TYPE } from '../src/index.ts'
import { ROOT, buildTestLog } from './log-builder.ts'
import { named, verify } from './verify-harness.ts'

const erased = {
  type: 'tokentrail.subject.erased',
  attributes: { 'tokentrail.erasure.id': 'e-1', 'tokentrail.erasure.reason': 'subject_request' },
  kinds: ['sub', 'sid'],
  pseudonyms: ['zyDOnUauNBpPoVwqDQ7LzQ', 'bAm6U-1IfoR8zYXYdIUdmA'],
}
const typ = ERASURE_CERTIFICATE_TYPE
const build = (options: Parameters<typeof buildTestLog>[0] = {}) =>
  buildTestLog({ extras: [erased], count: 3, certificate: { typ }, ...options })

test('an erasure under an erasure certificate is told, and is no finding', async () => {
  const { texts, log } = await build()
  const report = await verify(texts)
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  expect(report.erasures).toEqual([
    {
      log,
      index: 1,
      time: expect.any(String) as string,
      reason: 'subject_request',
      kinds: erased.kinds,
      pseudonyms: erased.pseudonyms,
    },
  ])
})

test('one that an ordinary log claims is signed by a key that may not erase', async () => {
  const { texts } = await build({ certificate: {} })
  const report = await verify(texts)
  expect(report).toMatchObject({ verdict: 'UNKNOWN_KEY', exitCode: 27, erasures: [] })
  expect(named(report, 'UNKNOWN_KEY')).toEqual([1])
})

test('so is one above the last signed head', async () => {
  const { texts } = await build({ certificate: {}, count: 0, end: 'tail' })
  expect(texts).toHaveLength(2)
  expect((await verify(texts)).verdict).toBe('UNKNOWN_KEY')
})

test('one above the last signed head of an erasing log is not believed yet', async () => {
  const { texts } = await build({ count: 0, end: 'tail' })
  expect(await verify(texts)).toMatchObject({ verdict: 'UNSEALED_END', erasures: [] })
})

test('members of the wrong type say nothing and break nothing', async () => {
  const wrong = { ...erased, attributes: { a: 1 }, kinds: 'sub', pseudonyms: [1, 'p'] }
  const { texts } = await build({ extras: [wrong] })
  expect((await verify(texts)).erasures).toMatchObject([
    { reason: '', kinds: [], pseudonyms: ['p'] },
  ])
})

test('a live view sees the same', async () => {
  const verdicts = []
  for (const certificate of [{ typ }, {}]) {
    const { texts } = await build({ certificate })
    const follower = createLogFollower({ roots: [ROOT] })
    for (const text of texts) await follower.add(text)
    verdicts.push(follower.state().findings.map(({ verdict }) => verdict))
  }
  expect(verdicts).toEqual([[], ['UNKNOWN_KEY']])
})
