import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DoctorReport } from '@tokentrail/node'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { runMain, type Ran } from '../support/run.ts'

const SERVER = fileURLToPath(new URL('../fixtures/server.mjs', import.meta.url))
const NODE = process.execPath

/** Runs the doctor with settings of its own, and nothing of this process's. */
function examine(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return runMain(['doctor', ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: '--conditions=@tokentrail/source',
      TOKENTRAIL_DIR: temporaryFolder(),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:canary-password@127.0.0.1:9/?key=canary-key',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=canary-header',
      ...env,
    },
  })
}

describe('tokentrail doctor', () => {
  it('prints hooks and settings with their origin, no credential, and ends what it ran', async () => {
    const { code, out } = await examine(['--seconds', '1', '--', NODE, SERVER], {
      OTEL_SERVICE_NAME: 'orders',
    })
    expect(code).toBe(0)
    expect(out).toMatch(/^Tokentrail \S+ records this application on Node v/)
    expect(out).toMatch(/^http +live +-/m)
    expect(out).toMatch(
      /^jose +waiting +- +not loaded while the application ran; in a bundle, see instrumentModule$/m,
    )
    expect(out).toMatch(/^durability +process +default +TOKENTRAIL_DURABILITY$/m)
    expect(out).toMatch(/^serviceName +orders +environment +OTEL_SERVICE_NAME$/m)
    expect(out).toMatch(/^headers +authorization \(values not shown\) +environment/m)
    expect(out).toMatch(/^Log orders\/.*\n {2}\d+ records, 0 lost, 0 faults of the recorder\n/m)
    expect(out).toMatch(/^ {2}delivered: not everything yet( \(ECONNREFUSED\))?$/m)
    expect(out).not.toContain('canary')
  })

  it('prints how the issuers stand whose tokens are verified here', async () => {
    const { code, out } = await examine(['--seconds', '1', '--', NODE, SERVER], {
      TOKENTRAIL_ISSUERS: 'https://as.example.com',
    })
    expect(code).toBe(0)
    expect(out).toMatch(
      /^https:\/\/as\.example\.com +waiting +- +- +0 +0 +0 +- +no token of it came/m,
    )
  })

  it('prints the same as JSON', async () => {
    const { code, out } = await examine(['--json', '--seconds', '1', '--', NODE, SERVER])
    const report = JSON.parse(out) as DoctorReport
    expect(code).toBe(0)
    expect(report.recording?.hooks).toContainEqual({ name: 'http', state: 'live' })
    expect(report.recording?.log.size).toBeGreaterThan(0)
    expect(out).not.toContain('canary')
  })

  it('does not wait for an application that ends by itself', async () => {
    const { code, err } = await examine(['--seconds', '300', '--', NODE, '-e', '0'])
    expect({ code, err }).toEqual({ code: 0, err: [] })
  })

  it('says so when the application fails', async () => {
    const { code, out, err } = await examine(['--', NODE, '-e', 'process.exit(7)'])
    expect(code).toBe(1)
    expect(out).toContain('records this application')
    expect(err).toEqual(['tokentrail doctor: the application ended by itself with exit code 7'])
  })

  it('gives the reason when recording does not start', async () => {
    const env = { TOKENTRAIL_DURABILITY: 'paper' }
    const { code, out } = await examine(['--seconds', '1', '--', NODE, SERVER], env)
    expect(code).toBe(1)
    expect(out).toMatch(/^Not recording: .*TOKENTRAIL_DURABILITY/)
  })

  it('says so when a program ignores the preload, and leaves no file behind', async () => {
    const temporary = temporaryFolder()
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { code, out, err } = await examine(['--', '/bin/sh', '-c', 'exit 0'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toEqual([
      'tokentrail doctor: "/bin/sh -c exit 0" never loaded the preload: is it a Node program of ' +
        'version 22.15 or newer, and does it keep NODE_OPTIONS?',
    ])
    const left = readdirSync(temporary).filter((name) => name.startsWith('tokentrail-doctor-'))
    expect(left).toEqual([])
  })

  it('names a program that is not there', async () => {
    expect(await examine(['--', 'no-such-program', 'app.js'])).toEqual({
      code: 1,
      out: '',
      err: ['tokentrail doctor: cannot run "no-such-program" (ENOENT)'],
    })
  })
})
