import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startCollector,
  type RunCollectorOptions,
  type RunningCollector,
} from '../../src/collector/run-collector.ts'

/** Answers as a collector does: healthy at once, ends on SIGTERM, or as `FAKE` says. */
const FAKE_COLLECTOR = `#!${process.execPath}
const { createServer } = require('node:http')
const { writeFileSync } = require('node:fs')
const fail = (line) => { console.error(line); process.exit(1) }
const env = process.env
writeFileSync(env.SEEN, JSON.stringify({ args: process.argv.slice(2), env }))
const bind = (address) => fail('Error: cannot start: listen tcp ' + address + ': bind: address already in use')
if (env.FAKE === 'otlp taken') bind(env.TOKENTRAIL_OTLP_ENDPOINT)
if (env.FAKE === 'health taken') bind(env.TOKENTRAIL_COLLECTOR_HEALTH_ENDPOINT)
if (env.FAKE === 'queue taken') fail('Error: cannot start pipelines: failed to start "otlp_http/viewer" exporter: timeout')
if (env.FAKE === 'bad config') { console.error('Error: failed to get config: decoding failed:'); fail("'level' is wrong") }
if (env.FAKE === 'no folder') fail('Error: cannot start: mkdir /var/x: permission denied')
if (env.FAKE === 'crash') fail('panic: of its own')
if (env.FAKE === 'stubborn') process.on('SIGTERM', () => {})
console.error('hello')
if (env.FAKE === 'silent') setInterval(() => {}, 1000)
else createServer((request, response) => response.end('ok')).listen(env.TOKENTRAIL_COLLECTOR_HEALTH_ENDPOINT.split(':')[1], '127.0.0.1')
`

let folder: string
let path: string
let running: RunningCollector | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokentrail-run-'))
  path = join(folder, 'collector')
  await writeFile(path, FAKE_COLLECTOR)
  await chmod(path, 0o755)
  running = undefined
})
afterEach(async () => {
  running?.kill()
  await running?.exited
  await rm(folder, { recursive: true, force: true })
})

const start = async (
  fake: string,
  overrides: Partial<RunCollectorOptions> = {},
): Promise<RunningCollector> => {
  running = await startCollector({
    path,
    configPaths: ['base.yaml', 'overlay.yaml'],
    otlpEndpoint: '127.0.0.1:0',
    viewerEndpoint: 'http://127.0.0.1:1',
    exportFolder: join(folder, 'export'),
    queueFolder: join(folder, 'queue'),
    env: { FAKE: fake, SEEN: join(folder, 'seen') },
    ...overrides,
  })
  return running
}

const seen = async (): Promise<{ args: string[]; env: Record<string, string> }> =>
  JSON.parse(await readFile(join(folder, 'seen'), 'utf8')) as never

describe('startCollector', () => {
  it('passes configurations and settings, and resolves when the collector is healthy', async () => {
    const collector = await start('healthy')
    const { args, env } = await seen()
    expect(args).toEqual(['--config=base.yaml', '--config=overlay.yaml'])
    expect(env).toMatchObject({
      TOKENTRAIL_VIEWER_ENDPOINT: 'http://127.0.0.1:1',
      TOKENTRAIL_EXPORT_DIR: join(folder, 'export'),
      TOKENTRAIL_COLLECTOR_DIR: join(folder, 'queue'),
    })
    expect(collector.otlpUrl).toBe(`http://${env['TOKENTRAIL_OTLP_ENDPOINT']}`)
    expect(collector.otlpUrl).not.toMatch(/:0$/)
  })

  it('ends lines that an earlier run left torn', async () => {
    await mkdir(join(folder, 'export'))
    await writeFile(join(folder, 'export', 'records.jsonl'), '{"torn')
    await start('healthy')
    expect(await readFile(join(folder, 'export', 'records.jsonl'), 'utf8')).toBe('{"torn\n')
  })

  it.each([
    [
      'otlp taken',
      'ERR_CLI_COLLECTOR_PORT_IN_USE',
      /^127\.0\.0\.1:\d+ is in use.*TOKENTRAIL_OTLP_/,
    ],
    ['health taken', 'ERR_CLI_COLLECTOR_PORT_IN_USE', /set TOKENTRAIL_COLLECTOR_HEALTH_ENDPOINT/],
    ['queue taken', 'ERR_CLI_COLLECTOR_QUEUE_IN_USE', /queue.*TOKENTRAIL_COLLECTOR_DIR/],
    ['bad config', 'ERR_CLI_COLLECTOR_CONFIG_REFUSED', /'level' is wrong/],
    ['no folder', 'ERR_CLI_COLLECTOR_FOLDER_UNWRITABLE', /write \/var\/x: .*TOKENTRAIL_EXPORT_DIR/],
    ['crash', 'ERR_CLI_COLLECTOR_EXITED', /exit code 1\): panic: of its own/],
  ])('says what is wrong: %s', async (fake, code, message) => {
    await expect(start(fake)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })

  it('says that a file of an earlier run cannot be mended', async () => {
    await mkdir(join(folder, 'export', 'records.jsonl'), { recursive: true })
    await expect(start('healthy')).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_FOLDER_UNWRITABLE',
    })
  })

  it('says that a program does not exist', async () => {
    await expect(start('', { path: join(folder, 'none') })).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_EXITED',
      message: expect.stringMatching(/did not start.*ENOENT/) as string,
    })
  })

  it('gives up on a collector that never gets ready, and ends it', async () => {
    await expect(start('silent', { readyTimeoutMillis: 300 })).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_NOT_READY',
      message: expect.stringMatching(/^the collector was not ready within 0\.3 s/) as string,
    })
  })

  it.each(['4318', 'localhost', 'http://127.0.0.1:4318', '127.0.0.1:70000', ''])(
    'refuses the endpoint %j',
    async (otlpEndpoint) => {
      await expect(start('healthy', { otlpEndpoint })).rejects.toThrow(TypeError)
    },
  )
})

describe('a running collector', () => {
  it('ends on stop, however often that is called', async () => {
    const collector = await start('healthy')
    const first = collector.stop()
    expect(collector.stop()).toBe(first)
    expect(await first).toEqual({ exitCode: undefined, signal: 'SIGTERM' })
    expect(await collector.exited).toEqual(await first)
  })

  it('is killed when it does not heed SIGTERM', async () => {
    const collector = await start('stubborn', { stopTimeoutMillis: 50 })
    expect(await collector.stop()).toEqual({ exitCode: undefined, signal: 'SIGKILL' })
  })

  it('can be stopped after it has ended by itself', async () => {
    const collector = await start('healthy')
    process.kill(collector.pid, 'SIGKILL')
    await collector.exited
    expect(await collector.stop()).toEqual({ exitCode: undefined, signal: 'SIGKILL' })
  })

  it('hands on and keeps what it logged', async () => {
    const lines: string[] = []
    const collector = await start('healthy', { onLine: (line) => lines.push(line) })
    await collector.stop()
    expect(lines).toEqual(['hello'])
    expect(collector.stderrTail()).toEqual(['hello'])
  })
})

describe('a fixed endpoint', () => {
  it('is passed as it is, for the collector to report when it is taken', async () => {
    const otlpEndpoint = '127.0.0.1:65000'
    await expect(start('otlp taken', { otlpEndpoint })).rejects.toThrow(`${otlpEndpoint} is in use`)
  })
})
