import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readStream } from '../src/io.ts'
import { VERSION } from '../src/version.ts'
import { runMain } from './support/run.ts'

const COMMANDS = [
  'verify',
  'prove',
  'reconcile',
  'search',
  'doctor',
  'viewer',
  'drain',
  'keys',
  'erase',
  'export',
  'witness',
]
const ALL = COMMANDS.join(', ')

describe('tokentrail', () => {
  it('lists its commands when it is asked for help, and when it is told nothing', async () => {
    const asked = await runMain(['--help'])
    expect(asked).toMatchObject({ code: 0, err: [] })
    for (const name of COMMANDS) expect(asked.out).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
    expect(await runMain(['help'])).toEqual(asked)
    expect(await runMain(['-h'])).toEqual(asked)
    expect(await runMain([])).toEqual({ ...asked, code: 2 })
  })

  it('prints its version, which is that of the package', async () => {
    const manifest = new URL('../package.json', import.meta.url)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    expect(VERSION).toBe(version)
    expect(await runMain(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: [] })
  })

  it.each([
    [['verfy'], 'unknown command "verfy"; did you mean "verify"?'],
    [['nonsense'], `unknown command "nonsense"; there are ${ALL}`],
    [['constructor'], `unknown command "constructor"; there are ${ALL}`],
    [['help', 'serch'], 'unknown command "serch"; did you mean "search"?'],
    [[''], `unknown command ""; there are ${ALL}`],
    [['--jsn'], 'unknown option --jsn'],
    [['\u001b[2J'], `unknown command "\\u001b[2J"; there are ${ALL}`],
  ])('refuses %j by name', async (args, message) => {
    expect(await runMain(args)).toEqual({
      code: 2,
      out: '',
      err: [`tokentrail: ${message}`, 'Try "tokentrail --help".'],
    })
  })
})

describe.each(COMMANDS)('tokentrail %s', (name) => {
  it('explains itself in 100 columns', async () => {
    const asked = await runMain([name, '--help'])
    expect(asked).toMatchObject({ code: 0, err: [] })
    expect(asked.out).toMatch(`Usage: tokentrail ${name} `)
    for (const line of asked.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(await runMain([name, '--nonsense', '-h'])).toEqual(asked)
    expect(await runMain(['help', name])).toEqual(asked)
  })

  it('refuses an option that it does not have, and says where to look', async () => {
    expect(await runMain([name, '--nonsense'])).toEqual({
      code: 2,
      out: '',
      err: [`tokentrail ${name}: unknown option --nonsense`, `Try "tokentrail ${name} --help".`],
    })
  })
})

describe('standard input', () => {
  it('is read to its end as UTF-8, whatever its pieces', async () => {
    const bytes = Buffer.from('tökén\n')
    const pieces = Array.from(bytes, (byte) => Buffer.of(byte))
    expect(await readStream(Readable.from(pieces))).toBe('tökén\n')
  })

  it('is refused as soon as it is larger than a token can be', async () => {
    let pieces = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          pieces += 1
          yield Buffer.alloc(1024)
        }
      })(),
    )
    await expect(readStream(endless)).rejects.toMatchObject({
      code: 'ERR_CLI_INPUT',
      message: 'standard input is larger than 64 KiB',
    })
    expect(pieces).toBeLessThan(200)
  })
})
