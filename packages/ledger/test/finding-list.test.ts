import { describe, expect, test } from 'vitest'
import { EXIT_CODES, FINDING_VERDICTS } from '../src/index.ts'
import { FindingList } from '../src/verify/finding-list.ts'

// The order of the verifier's exit codes, the gravest first.
const ORDER = [24, 27, 27, 21, 22, 23, 20, 25, 28, 26, 10]

describe('findings', () => {
  test('the verdicts stand in the order of their gravity', () => {
    expect(FINDING_VERDICTS.map((verdict) => EXIT_CODES[verdict])).toEqual(ORDER)
  })

  test('of every pair the graver one decides, whichever came first', () => {
    for (const [i, graver] of FINDING_VERDICTS.entries()) {
      for (const other of FINDING_VERDICTS.slice(i)) {
        for (const pair of [
          [graver, other],
          [other, graver],
        ] as const) {
          const findings = new FindingList()
          for (const verdict of pair) findings.add({ verdict, message: '' })
          expect(findings.gravest()).toBe(graver)
        }
      }
    }
  })

  test('one log, verdict, index and attribute is one finding; without an index each is its own', () => {
    const findings = new FindingList()
    for (const message of ['first', 'second']) {
      findings.add({ verdict: 'ALTERED', log: 'a', index: 1, message })
      findings.add({ verdict: 'ALTERED', log: 'a', message })
    }
    findings.add({ verdict: 'FORK', log: 'b', index: 9, message: '' })
    findings.add({ verdict: 'ALTERED', log: 'a', index: 0, message: '' })
    expect(
      findings.sorted().map(({ verdict, index, message }) => [verdict, index, message]),
    ).toEqual([
      ['FORK', 9, ''],
      ['ALTERED', undefined, 'first'],
      ['ALTERED', undefined, 'second'],
      ['ALTERED', 0, ''],
      ['ALTERED', 1, 'first'],
    ])
  })

  test('of two runs that begin at one index the longer counts, whichever came first', () => {
    for (const lasts of [
      [33, 34],
      [34, 33],
    ]) {
      const findings = new FindingList()
      for (const lastIndex of lasts) {
        findings.add({ verdict: 'MISSING', log: 'a', index: 33, lastIndex, message: '' })
      }
      expect(findings.sorted()).toMatchObject([{ index: 33, lastIndex: 34 }])
    }
  })
})
