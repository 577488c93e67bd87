import { describe, expect, it } from 'vitest'
import { compareResults, countOutcomes } from './compare.ts'
import { parseTap } from './tap.ts'

const lines = (...all: readonly string[]): string => all.join('\n')

describe('the output of a suite', () => {
  it('is read as Mocha writes it', () => {
    const text = lines(
      '1..3',
      'ok 1 res .end sends',
      'not ok 2 res throws',
      '  Error: x',
      'ok 3 a # SKIP -',
    )
    expect([...parseTap(text)]).toEqual([
      ['res .end sends', ['passed']],
      ['res throws', ['failed']],
      ['a', ['skipped']],
    ])
  })

  it('is read as Node writes it, whose lists come before their tests', () => {
    const text = lines(
      '# Subtest: claims',
      '    # Subtest: aud',
      '    ok 1 - aud',
      '      ---',
      '      duration_ms: 1',
      '      ...',
      '    ok 2 - Layer\\#url()',
      '    1..2',
      'ok 1 - claims',
    )
    expect([...parseTap(text).keys()]).toEqual(['claims > aud', 'claims > Layer\\#url()'])
  })

  it('is read as Vitest writes it, with a brace and a time that differs from run to run', () => {
    const text = lines(
      'ok 1 - a.test.ts # time=9.96ms {',
      '    not ok 1 - fails # time=8.54ms',
      '}',
      'not ok 2 - b.test.ts # time=1.00ms {',
      '}',
    )
    expect([...parseTap(text)]).toEqual([
      ['a.test.ts > fails', ['failed']],
      ['b.test.ts', ['failed']],
    ])
  })
})

describe('two runs', () => {
  it('differ in tests that ended otherwise, or that one of them lacks', () => {
    const bare = parseTap(
      lines('ok 1 same', 'ok 2 breaks', 'ok 3 twice', 'not ok 4 twice', 'ok 5 gone'),
    )
    const recorded = parseTap(lines('ok 1 same', 'not ok 2 breaks', 'not ok 3 twice', 'ok 4 twice'))
    expect(compareResults(bare, recorded)).toEqual([
      { test: 'breaks', bare: ['passed'], recorded: ['failed'] },
      { test: 'gone', bare: ['passed'], recorded: [] },
    ])
    expect([countOutcomes(bare, 'passed'), countOutcomes(bare, 'failed')]).toEqual([4, 1])
  })
})
