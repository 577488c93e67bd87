import { expect, it } from 'vitest'
import { formatTable } from '../../src/output/table.ts'

it('aligns columns, cuts nothing, and leaves no blanks at the end of a line', () => {
  const rows = [
    ['a', 'b', '-'],
    ['longer than its header', '', 'c'],
  ]
  expect(formatTable(['ONE', 'TWO', 'THREE'], rows)).toBe(
    [
      'ONE                     TWO  THREE',
      'a                       b    -',
      'longer than its header       c',
      '',
    ].join('\n'),
  )
})

it('is its header when there are no rows', () => {
  expect(formatTable(['ONE', 'TWO'], [])).toBe('ONE  TWO\n')
})

it('lets no cell start a line or turn text around', () => {
  expect(formatTable(['ONE'], [['a\nforged row'], ['\u202etxt']])).toBe(
    'ONE\na\\u000aforged row\n\\u202etxt\n',
  )
})
