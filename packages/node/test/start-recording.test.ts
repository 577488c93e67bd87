import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeRecording } from '../src/recording.ts'
import { startRecording } from '../src/start-recording.ts'
import type { RecordingOptions } from '../src/settings.ts'
import type { Recording } from '../src/recording.ts'
import { VERSION } from '../src/version.ts'
import { createFolder } from './application.ts'
import { startOtlpSink } from './otlp-sink.ts'

function start(
  options: RecordingOptions,
  env: NodeJS.ProcessEnv = {},
  fallbackFolders: readonly string[] = [],
): { recording: Recording; lines: string[] } {
  const lines: string[] = []
  const exiting = Object.assign(new EventEmitter(), { pid: 0, kill: () => {} })
  const report = (line: string): void => void lines.push(line)
  const recording = startRecording(options, { env, report, exiting, fallbackFolders })
  onTestFinished(async () => void (await recording.shutdown(0)))
  return { recording, lines }
}

async function requestOnce(authorization: string): Promise<void> {
  const server = createServer((_, response) => void response.end('hi'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await (await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })).text()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

describe('startRecording', () => {
  it('records, and delivers when it is shut down', async () => {
    const sink = await startOtlpSink()
    onTestFinished(() => sink.close())
    const endpoint = `${sink.endpoint}/v1/logs`
    const { recording } = start({ directory: createFolder(), endpoint })
    await requestOnce('Bearer a-token')
    expect(await recording.shutdown()).toBe(true)
    const events = sink.records.map(({ eventName }) => eventName)
    expect(events[0]).toBe('tokentrail.log.open')
    expect(events.filter((name) => name === 'oauth.request')).toHaveLength(1)
    expect(events.at(-1)).toBe('tokentrail.log.checkpoint')
  })

  it('is idempotent while it runs, and so is its end', async () => {
    const directory = createFolder()
    const { recording } = start({ directory })
    expect(start({ directory: createFolder() }).recording).toBe(recording)
    expect(describeRecording()).toMatchObject({ version: VERSION, log: { closed: false } })
    const ended = recording.shutdown(0)
    expect(recording.shutdown(0)).toBe(ended)
    await ended
    expect(describeRecording()).toBeUndefined()
    expect(recording.instrumentation.isEnabled()).toBe(false)
    expect(start({ directory }).recording).not.toBe(recording)
  })

  it.each<[string, RecordingOptions, NodeJS.ProcessEnv, string, string]>([
    [
      'a variable',
      {},
      { TOKENTRAIL_DURABILITY: 'memory' },
      'TypeError',
      '"TOKENTRAIL_DURABILITY" must be process',
    ],
    ['an option', { subject: 'x' as 'off' }, {}, 'TypeError', '"subject" is "x"'],
    ['a key', { signingKeyFile: 'key.json' }, {}, 'ExporterError', 'key.json is not'],
    [
      'the policy',
      {},
      { TOKENTRAIL_CONFIG: 'no.yaml' },
      'RecordingError',
      'no.yaml cannot be read (ENOENT)',
    ],
  ])('leaves nothing behind when it cannot start for %s', (_, options, env, name, words) => {
    const folder = createFolder()
    writeFileSync(join(folder, 'key.json'), '{"kty":"canary"}')
    const within = (path: string): string => join(folder, path)
    const { directory = '.tokentrail', signingKeyFile } = options
    const absolute = {
      ...options,
      directory: within(directory),
      ...(signingKeyFile === undefined ? {} : { signingKeyFile: within(signingKeyFile) }),
    }
    const matching = { name, message: expect.stringContaining(words) as string }
    expect(() => start(absolute, env)).toThrow(expect.objectContaining(matching))
    expect(() => start(absolute, env)).not.toThrow('canary')
    expect(describeRecording()).toBeUndefined()
  })

  it('keeps records in memory where the folder cannot be written, and says so loudly', async () => {
    const folder = createFolder()
    const sink = await startOtlpSink()
    onTestFinished(() => sink.close())
    writeFileSync(join(folder, 'in-the-way'), '')
    mkdirSync(join(folder, 'memory'))
    const options = { directory: join(folder, 'in-the-way'), endpoint: `${sink.endpoint}/v1/logs` }
    const { recording, lines } = start(options, {}, [join(folder, 'memory')])
    expect(lines.at(-1)).toMatch(/in-the-way cannot be written \(ENOTDIR\).*KEPT IN MEMORY/)
    expect(readdirSync(join(folder, 'memory'))).toEqual([expect.stringMatching(/^tokentrail-/)])
    await requestOnce('Bearer a-token')
    expect(await recording.shutdown()).toBe(true)
    expect(sink.records.some(({ eventName }) => eventName === 'oauth.request')).toBe(true)
  })

  it('does not start where nothing can be written at all', () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'file'), '')
    const directory = join(folder, 'file')
    expect(() => start({ directory }, {}, [directory])).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_DIRECTORY_UNUSABLE' }),
    )
    expect(describeRecording()).toBeUndefined()
  })

  it('says once that the keys are its own', async () => {
    const directory = createFolder()
    const first = start({ directory })
    expect(first.lines[0]).toContain('self-issued')
    expect(first.lines[0]).toContain(join(directory, 'keys', 'root.jwk.json'))
    await first.recording.shutdown(0)
    expect(start({ directory }).lines).toEqual([])
  })

  it('uses the policy', async () => {
    const sink = await startOtlpSink()
    onTestFinished(() => sink.close())
    const folder = createFolder()
    const configFile = join(folder, 'policy.yaml')
    writeFileSync(configFile, 'default:\n  frameworks: [soc2]\n')
    const { recording } = start({ directory: folder, configFile, endpoint: sink.endpoint })
    await requestOnce('Bearer a-token')
    await recording.shutdown()
    const request = sink.records.find(({ eventName }) => eventName === 'oauth.request')
    expect(request?.body.attributes?.['compliance.framework']).toEqual(['soc2'])
    expect(sink.records[0]?.body.attributes?.['tokentrail.policy.version']).toMatch(/^sha256:/)
  })
})

describe('the recorder', () => {
  it('has the version of the package', () => {
    const file = new URL('../package.json', import.meta.url)
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    expect(VERSION).toBe(version)
  })
})
