import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCollector, type FoundCollector } from '../../src/collector/find-collector.ts'
import {
  collectorScript,
  createSandbox,
  goScript,
  MAKE_COLLECTOR,
  type Sandbox,
} from './fake-programs.ts'

let sandbox: Sandbox
let reported: string[]

beforeEach(async () => {
  sandbox = await createSandbox()
  reported = []
})
afterEach(() => sandbox.remove())

const find = (env: Record<string, string> = {}): ReturnType<typeof findCollector> =>
  findCollector({
    root: sandbox.root,
    env: { ...sandbox.env, ...env },
    report: (line) => reported.push(line),
    platform: 'linux',
    arch: 'x64',
  })

const onPath = (name: string, body: string): Promise<string> =>
  sandbox.script(join(sandbox.bin, name), body)

const cacheFolder = (): string => join(sandbox.root, '.cache', 'collector')

describe('TOKENTRAIL_COLLECTOR', () => {
  it('comes before a collector on PATH', async () => {
    await onPath('otelcol-contrib', collectorScript('1.0.0'))
    const named = await sandbox.script(join(sandbox.root, 'mine'), collectorScript('2.0.0'))
    expect(await find({ TOKENTRAIL_COLLECTOR: named })).toEqual({
      status: 'found',
      path: named,
      source: 'environment',
      version: '2.0.0',
    })
  })

  it('is an error when it names nothing that can be executed, although PATH has one', async () => {
    await onPath('otelcol-contrib', collectorScript('1.0.0'))
    const error: unknown = await find({ TOKENTRAIL_COLLECTOR: sandbox.root }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'ERR_CLI_COLLECTOR_UNUSABLE' })
    expect(String(error)).toContain(`TOKENTRAIL_COLLECTOR: ${sandbox.root} is not an executable`)
  })

  it('is an error when the program is no collector', async () => {
    const named = await sandbox.script(join(sandbox.root, 'mine'), 'echo hello')
    await expect(find({ TOKENTRAIL_COLLECTOR: named })).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_UNUSABLE',
      message: expect.stringContaining('it is not a collector') as string,
    })
  })

  it('is an error that quotes the collector when that refuses the configuration', async () => {
    const refuse = `echo 'Error: failed:' >&2; echo 'unknown type: "routing"' >&2; exit 1`
    const named = await sandbox.script(
      join(sandbox.root, 'mine'),
      collectorScript('0.90.0', refuse),
    )
    await expect(find({ TOKENTRAIL_COLLECTOR: named })).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_CONFIG_REFUSED',
      message: expect.stringMatching(/0\.90\.0.*unknown type: "routing".*0\.157/) as string,
    })
  })

  it('means nothing when it is empty', async () => {
    const path = await onPath('otelcol', collectorScript('1.0.0'))
    expect(await find({ TOKENTRAIL_COLLECTOR: '' })).toMatchObject({ path, source: 'path' })
  })
})

describe('a collector on PATH', () => {
  it('is asked to validate our configuration', async () => {
    await onPath('otelcol-contrib', collectorScript('1.0.0'))
    await find()
    expect(await sandbox.calls()).toContain(
      `otelcol-contrib validate --config=${join(sandbox.root, 'otel-collector-config.yaml')}`,
    )
  })

  it('is otelcol-contrib before otelcol', async () => {
    await onPath('otelcol', collectorScript('1.0.0'))
    await onPath('otelcol-contrib', collectorScript('2.0.0'))
    expect(await find()).toMatchObject({ source: 'path', version: '2.0.0' })
  })

  it('is passed over, and the reason told, when it refuses the configuration', async () => {
    const refuse = `echo 'Error: bad:' >&2; echo 'no routing' >&2; exit 1`
    const refusing = await onPath('otelcol-contrib', collectorScript('1.0.0', refuse))
    const path = await onPath('otelcol', collectorScript('2.0.0'))
    expect(await find()).toMatchObject({ path, source: 'path' })
    expect(reported).toEqual([
      `passed over ${refusing}: version 1.0.0 does not accept the configuration: no routing`,
    ])
  })

  it('is passed over when it does not run', async () => {
    const broken = await onPath('otelcol', 'echo oops >&2; exit 127')
    expect(await find()).toMatchObject({ status: 'missing' })
    expect(reported).toEqual([`passed over ${broken}: oops`])
  })

  it('is not looked for in relative folders', async () => {
    await onPath('otelcol', collectorScript('1.0.0'))
    expect(await find({ PATH: '.:bin:' })).toMatchObject({ status: 'missing' })
  })
})

describe('the own build', () => {
  it('is made by Go once, then comes from the cache', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    const built = await find()
    expect(built).toMatchObject({ status: 'found', source: 'build', version: '9.9.9' })
    expect(await find()).toEqual({ ...built, source: 'cache' })
    const builds = (await sandbox.calls()).filter((call) => call.startsWith('go build'))
    expect(builds).toHaveLength(1)
    expect(builds[0]).toMatch(/-trimpath .*-ldflags=-s -w -o \S+\.tmp \.$/)
  })

  it('is made without cgo, a workspace or a foreign target', async () => {
    const note = 'echo "$CGO_ENABLED,$GOWORK,$GOOS,$GOARCH" >> "$CALLS"'
    await onPath('go', goScript(`${note}; ${MAKE_COLLECTOR}`))
    await find({ CGO_ENABLED: '1', GOWORK: '/elsewhere/go.work', GOOS: 'plan9', GOARCH: 'mips' })
    expect(await sandbox.calls()).toContain('0,off,,')
  })

  it('is made anew when a source or the version of Go changes', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    await find()
    await writeFile(join(sandbox.root, 'collector', 'main.go'), 'package main // changed\n')
    expect(await find()).toMatchObject({ source: 'build' })
    await onPath('go', goScript(MAKE_COLLECTOR, 'go1.99.2'))
    expect(await find()).toMatchObject({ source: 'build' })
    expect(await readdir(cacheFolder())).toHaveLength(3)
  })

  it('is not made anew when only the README changes', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    await find()
    await writeFile(join(sandbox.root, 'collector', 'README.md'), 'words\n')
    expect(await find()).toMatchObject({ source: 'cache' })
  })

  it('comes from the cache when Go is gone', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    const built = await find()
    await writeFile(join(sandbox.bin, 'go'), '', { mode: 0o644 })
    expect(await find({ PATH: sandbox.root })).toEqual({ ...built, source: 'cache' })
  })

  it('is made anew when what the cache holds does not run', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    const built = await find()
    await writeFile((built as FoundCollector).path, '#!/bin/sh\nexit 1\n')
    expect(await find()).toEqual(built)
  })

  it('is made by two at a time without harm, and nothing unfinished is left', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    const both = await Promise.all([find(), find()])
    expect(both.map((each) => each.status)).toEqual(['found', 'found'])
    const [folder = ''] = await readdir(cacheFolder())
    expect(await readdir(join(cacheFolder(), folder))).toEqual(['tokentrail-collector'])
  })

  it('that fails leaves nothing in the cache and tells its last lines and the remedy', async () => {
    const fail = `printf half > "$out"; echo 'golang.org/x/text' >&2; echo 'go: a.example/b: dial tcp: no such host' >&2; exit 1`
    await onPath('go', goScript(fail))
    const result = await find()
    expect(result).toMatchObject({ status: 'missing' })
    expect(result).toHaveProperty('reason', expect.stringMatching(/go build failed.*GOPROXY/))
    expect(reported.slice(-1)).toEqual(['  go: a.example/b: dial tcp: no such host'])
    const [folder = ''] = await readdir(cacheFolder())
    expect(await readdir(join(cacheFolder(), folder))).toEqual([])
  })
})

describe('without any collector', () => {
  it('says in one line what is missing and how to get it', async () => {
    const result = await find()
    expect(result).toEqual({
      status: 'missing',
      reason:
        'no collector: no Go on PATH to build it with: install Go 1.25 or newer, or put otelcol-contrib 0.157 or newer on PATH',
    })
  })

  it('says what an unusable Go said', async () => {
    await onPath('go', `echo "go: errors parsing go.mod: invalid go version '1.25.0'" >&2; exit 1`)
    expect(await find()).toHaveProperty('reason', expect.stringContaining('invalid go version'))
  })

  it('says that there are no sources outside a clone', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    await rm(join(sandbox.root, 'collector'), { recursive: true })
    expect(await find()).toHaveProperty('reason', expect.stringContaining('no sources to build'))
  })

  it('says that the cache cannot be written', async () => {
    await onPath('go', goScript(MAKE_COLLECTOR))
    await writeFile(join(sandbox.root, '.cache'), 'a file where the folder should be')
    expect(await find()).toHaveProperty(
      'reason',
      expect.stringMatching(/cannot be kept in \S+ \(ENOTDIR\): make it writable/),
    )
  })

  it('refuses an empty root', async () => {
    await expect(findCollector({ root: '' })).rejects.toThrow(TypeError)
  })
})
