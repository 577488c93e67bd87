import { expect, it } from 'vitest'
import { runMain } from '../support/run.ts'

it.each([
  [[], 'name the application after --, e.g. -- node app.js'],
  [['--'], 'name the application after --, e.g. -- node app.js'],
  [['--seconds', '0', '--', 'x'], '--seconds must be a number from 1 to 300, not "0"'],
  [['--seconds', '301', '--', 'x'], '--seconds must be a number from 1 to 300, not "301"'],
  [['--seconds', '1e2', '--', 'x'], '--seconds must be a number from 1 to 300, not "1e2"'],
  [['--seconds', '1', '--seconds', '2', '--', 'x'], '--seconds may be given once'],
  [['node', 'app.js', '--flag'], 'unknown option --flag'],
])('tokentrail doctor refuses %j as wrong usage', async (args, message) => {
  expect(await runMain(['doctor', ...args])).toEqual({
    code: 2,
    out: '',
    err: [`tokentrail doctor: ${message}`, 'Try "tokentrail doctor --help".'],
  })
})
