import { join, relative } from 'node:path'
import { buildCollector } from './build-collector.ts'
import { startTicker, type Ticker } from './build-progress.ts'
import {
  buildCachePath,
  listCachedBuilds,
  openCollectorCache,
  type CollectorCache,
} from './collector-cache.ts'
import { CollectorError } from './collector-error.ts'
import { findExecutable, isExecutable } from './find-executable.ts'
import {
  inspectCollector,
  readVersion,
  type BrokenCollector,
  type RefusingCollector,
} from './inspect-collector.ts'
import { runCommand, type CommandRunner } from './run-command.ts'

/** How to look for a collector. Every member but `root` has a default. */
export interface FindCollectorOptions {
  /** The repository: the folder that holds `collector/` and `otel-collector-config.yaml`. */
  readonly root: string
  /** Default is `process.env`. `TOKENTRAIL_COLLECTOR`, `PATH` and Go's own variables are read. */
  readonly env?: NodeJS.ProcessEnv
  /** The configuration that a collector must accept. Default is the repository's. */
  readonly configPath?: string
  /** Where builds are kept. Default is `.cache/collector` in the repository. */
  readonly cacheFolder?: string
  /** Takes lines for a person: progress, and why a candidate was passed over. Default drops them. */
  readonly report?: (line: string) => void
  readonly platform?: NodeJS.Platform
  readonly arch?: string
  readonly run?: CommandRunner
  /** Milliseconds of a monotonic clock, for progress. Default is `performance.now`. */
  readonly now?: () => number
  readonly ticker?: Ticker
}

/** A collector that runs and accepts the configuration. */
export interface FoundCollector {
  readonly status: 'found'
  readonly path: string
  readonly source: 'environment' | 'path' | 'cache' | 'build'
  /** As it says itself, e.g. `0.157.0`. */
  readonly version: string
}

/** No collector can be had. */
export interface MissingCollector {
  readonly status: 'missing'
  /** One line: what is missing and how to get it. */
  readonly reason: string
}

type Search = Required<FindCollectorOptions>

const ON_PATH = ['otelcol-contrib', 'otelcol'] as const

/**
 * Finds a collector, in this order: `TOKENTRAIL_COLLECTOR`; `otelcol-contrib` or `otelcol` on
 * `PATH`, if it accepts the configuration; the cached build; a build of the frozen sources by the
 * `go` on `PATH`.
 *
 * @throws {@link CollectorError} `ERR_CLI_COLLECTOR_UNUSABLE` or `ERR_CLI_COLLECTOR_CONFIG_REFUSED`
 *   when `TOKENTRAIL_COLLECTOR` is set and what it names cannot be used: whoever names a collector
 *   does not want another one.
 */
export async function findCollector(
  options: FindCollectorOptions,
): Promise<FoundCollector | MissingCollector> {
  const search = resolveSearch(options)
  return (await findNamed(search)) ?? (await findOnPath(search)) ?? (await findOwnBuild(search))
}

function resolveSearch(options: FindCollectorOptions): Search {
  if (options.root === '') throw new TypeError('"root" must be the path of the repository')
  return {
    env: process.env,
    configPath: join(options.root, 'otel-collector-config.yaml'),
    cacheFolder: join(options.root, '.cache', 'collector'),
    report: () => {},
    platform: process.platform,
    arch: process.arch,
    run: runCommand,
    now: () => performance.now(),
    ticker: startTicker,
    ...options,
  }
}

async function findNamed(search: Search): Promise<FoundCollector | undefined> {
  const path = search.env['TOKENTRAIL_COLLECTOR']
  if (path === undefined || path === '') return undefined
  const remedy = 'correct TOKENTRAIL_COLLECTOR, or unset it to let one be found'
  if (!(await isExecutable(path))) {
    throw new CollectorError(
      'ERR_CLI_COLLECTOR_UNUSABLE',
      `TOKENTRAIL_COLLECTOR: ${path} is not an executable file: ${remedy}`,
    )
  }
  const inspection = await inspectCollector(path, search)
  if (inspection.status === 'usable') {
    return { status: 'found', path, source: 'environment', version: inspection.version }
  }
  if (inspection.status === 'broken') {
    throw new CollectorError(
      'ERR_CLI_COLLECTOR_UNUSABLE',
      `TOKENTRAIL_COLLECTOR: ${path} cannot be used: ${inspection.reason}: ${remedy}`,
    )
  }
  throw new CollectorError(
    'ERR_CLI_COLLECTOR_CONFIG_REFUSED',
    `TOKENTRAIL_COLLECTOR: ${path} (${inspection.version}) does not accept ` +
      `${search.configPath}: ${inspection.reason}: use otelcol-contrib 0.157 or newer`,
  )
}

async function findOnPath(search: Search): Promise<FoundCollector | undefined> {
  for (const name of ON_PATH) {
    const path = await findExecutable(name, search.env, search.platform)
    if (path === undefined) continue
    const inspection = await inspectCollector(path, search)
    if (inspection.status === 'usable') {
      return { status: 'found', path, source: 'path', version: inspection.version }
    }
    search.report(`passed over ${path}: ${describe(inspection)}`)
  }
  return undefined
}

const describe = (inspection: BrokenCollector | RefusingCollector): string =>
  inspection.status === 'broken'
    ? inspection.reason
    : `version ${inspection.version} does not accept the configuration: ${inspection.reason}`

async function findOwnBuild(search: Search): Promise<FoundCollector | MissingCollector> {
  const sourceFolder = join(search.root, 'collector')
  const { cacheFolder, platform, arch } = search
  const cache = await openCollectorCache(sourceFolder, cacheFolder, platform, arch)
  if (cache === undefined) {
    return missing(`${sourceFolder} has no sources to build it from`, 'work in a clone')
  }
  const go = await findExecutable('go', search.env, platform)
  if (go === undefined) return findAnyBuild(search, cache)
  const goVersion = await readGoVersion(search, go, sourceFolder)
  if (goVersion.status === 'missing') {
    const cached = await findAnyBuild(search, cache)
    return cached.status === 'found' ? cached : goVersion
  }
  const target = buildCachePath(cache, goVersion.version)
  return (await useBuild(search, target, 'cache')) ?? (await build(search, go, target))
}

/** Without Go nothing newer can be had, so that a build by any version of Go will do. */
async function findAnyBuild(
  search: Search,
  cache: CollectorCache,
): Promise<FoundCollector | MissingCollector> {
  for (const path of await listCachedBuilds(cache)) {
    const found = await useBuild(search, path, 'cache')
    if (found !== undefined) return found
  }
  return missing('no Go on PATH to build it with', 'install Go 1.25 or newer')
}

async function readGoVersion(
  { env, run }: Search,
  go: string,
  cwd: string,
): Promise<{ readonly status: 'known'; readonly version: string } | MissingCollector> {
  // In the sources' folder, because their go.mod decides which toolchain `go` switches to.
  const result = await run(go, ['env', 'GOVERSION'], { cwd, env, timeoutMillis: 120_000 })
  const version = result.stdout[0]?.trim()
  if (result.exitCode === 0 && version !== undefined && /^go[\w.+-]+$/.test(version)) {
    return { status: 'known', version }
  }
  const why = result.stderr.at(-1) ?? result.failure ?? `it says ${version ?? 'nothing'}`
  return missing(`${go} cannot be used (${why})`, 'install Go 1.25 or newer')
}

async function useBuild(
  { env, run }: Search,
  path: string,
  source: 'cache' | 'build',
): Promise<FoundCollector | undefined> {
  if (!(await isExecutable(path))) return undefined
  const answer = await readVersion(path, { env, run })
  if (answer.status !== 'usable') return undefined
  return { status: 'found', path, source, version: answer.version }
}

async function build(
  search: Search,
  go: string,
  target: string,
): Promise<FoundCollector | MissingCollector> {
  const sourceFolder = join(search.root, 'collector')
  const result = await buildCollector({ ...search, go, sourceFolder, target })
  if (result.status === 'failed') {
    for (const line of result.details) search.report(`  ${line}`)
    return missing(result.reason, result.remedy)
  }
  const found = await useBuild(search, target, 'build')
  if (found !== undefined) return found
  const place = relative(search.root, target)
  return missing('the collector that was built does not run', `delete ${place} and try again`)
}

const missing = (what: string, remedy: string): MissingCollector => ({
  status: 'missing',
  reason: `no collector: ${what}: ${remedy}, or put otelcol-contrib 0.157 or newer on PATH`,
})
