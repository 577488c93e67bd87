import { describe, expect, test } from 'vitest'
import { reconcileExports, type ReconcileOptions } from '../src/index.ts'
import { buildTestLog } from './log-builder.ts'
import { rewrite, type Members } from './verify-harness.ts'

const tagged = (text: string): string =>
  text.includes('"oauth.request"') && /agent [0-9]*[02468]"/.test(text)
    ? rewrite(text, (record) =>
        Object.assign(record['attributes'] as Members, { 'compliance.framework': ['hipaa'] }),
      )
    : text
const { log, texts: plain } = await buildTestLog({ count: 60 })
const texts = plain.map(tagged)
const other = await buildTestLog({ log: 'billing/0/x', count: 5 })
const isOfHipaa = (text: string): boolean => text.includes('hipaa') || !text.includes('oauth.')

function reconcile(
  sides: { readonly [name: string]: readonly string[] },
  options: ReconcileOptions = {},
) {
  const exports = Object.entries(sides).map(([name, bodies]) => ({
    name,
    records: bodies.map((body) => ({ body })),
  }))
  return reconcileExports(exports, options)
}

describe('reconciling exports', () => {
  test('finds nothing between copies in any order, with duplicates', async () => {
    const report = await reconcile({ a: texts, b: [...texts.toReversed(), ...texts.slice(3, 9)] })
    expect(report).toMatchObject({ outcome: 'SAME', exitCode: 0, missing: 0, different: 0 })
    expect(report.exports).toMatchObject([{ duplicates: 0 }, { duplicates: 6 }])
    expect(report.logs).toMatchObject([{ log, records: texts.length, differences: [] }])
  })

  test('names what each lacks, by log and ranges of indexes', async () => {
    const report = await reconcile({
      a: [...texts.toSpliced(10, 5), ...other.texts],
      b: texts.filter((_, index) => index !== 12 && index !== 40),
      c: [...texts, ...other.texts],
    })
    expect(report).toMatchObject({ outcome: 'MISSING', exitCode: 20 })
    expect(report.logs).toMatchObject([
      {
        log: other.log,
        differences: [{ index: 0, lastIndex: other.size - 1, in: ['a', 'c'], notIn: ['b'] }],
      },
      {
        log,
        differences: [
          { kind: 'missing', index: 10, lastIndex: 11, in: ['b', 'c'], notIn: ['a'] },
          { kind: 'missing', index: 12, in: ['c'], notIn: ['a', 'b'] },
          { kind: 'missing', index: 13, lastIndex: 14, in: ['b', 'c'], notIn: ['a'] },
          { kind: 'missing', index: 40, in: ['a', 'c'], notIn: ['b'] },
        ],
      },
    ])
    expect(report.missing).toBe(6 + other.size)
  })

  test('names records of which there are different texts', async () => {
    const altered = rewrite(texts[17]!, (record) => (record['session'] = 'x'))
    const report = await reconcile({ a: texts, b: texts.with(17, altered) })
    expect(report).toMatchObject({ outcome: 'DIFFERENT', exitCode: 22, different: 1, missing: 0 })
    expect(report.logs[0]?.differences).toMatchObject([
      { kind: 'different', index: 17, in: ['a', 'b'], notIn: [] },
    ])
    const torn = await reconcile({ a: texts, b: texts.with(17, texts[17]!.slice(0, -9)) })
    expect(torn.outcome).toBe('DIFFERENT')
    expect(torn.exports[1]).toMatchObject({ broken: 1 })
  })

  test('does not miss records of other routes in the export of one', async () => {
    const hipaa = texts.filter(isOfHipaa)
    const report = await reconcile({ all: texts, hipaa })
    expect(report).toMatchObject({ outcome: 'SAME', exitCode: 0 })
    expect(report.exports[1]).toMatchObject({
      route: 'hipaa',
      notRouted: texts.length - hipaa.length,
    })
    const lost = hipaa.findLast((text) => text.includes('hipaa'))!
    const less = await reconcile({ all: texts, hipaa: hipaa.filter((text) => text !== lost) })
    expect(less.logs[0]?.differences).toMatchObject([
      { index: texts.indexOf(lost), notIn: ['hipaa'], routes: { hipaa: 1 } },
    ])
    const whole = await reconcile({ all: texts, hipaa }, { whole: true })
    expect(whole.missing).toBe(texts.length - hipaa.length)
  })

  test('says that there was nothing to compare', async () => {
    expect(await reconcile({ a: [], b: [] })).toMatchObject({ outcome: 'SAME', exitCode: 1 })
  })

  test('is refused for fewer than two exports, or names that are the same', async () => {
    await expect(reconcile({ a: [] })).rejects.toThrow(TypeError)
    const twice = [1, 2].map(() => ({ name: 'a', records: [] }))
    await expect(reconcileExports(twice)).rejects.toThrow(TypeError)
  })
})
