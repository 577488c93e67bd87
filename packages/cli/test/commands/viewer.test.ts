import { expect, it } from 'vitest'
import { runMain } from '../support/run.ts'

it.each([
  [['export'], 'unexpected argument "export"'],
  [['--port'], '--port needs a value'],
  [['--port', 'x'], '--port must be a number from 0 to 65535, not "x"'],
  [['--port', '65536'], '--port must be a number from 0 to 65535, not "65536"'],
  [['--port', '-1'], '--port must be a number from 0 to 65535, not "-1"'],
  [['--port', '1', '--port', '2'], '--port may be given once'],
  [['--endpoint', 'ftp://x'], '--endpoint must be an http:// or https:// URL'],
  [['--endpoint', 'collector:4318'], '--endpoint must be an http:// or https:// URL'],
])('tokentrail viewer refuses %j as wrong usage', async (args, message) => {
  expect(await runMain(['viewer', ...args])).toEqual({
    code: 2,
    out: '',
    err: [`tokentrail viewer: ${message}`, 'Try "tokentrail viewer --help".'],
  })
})
