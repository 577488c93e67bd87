import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { followBuild, type Ticker } from './build-progress.ts'
import { explainBuildFailure, type BuildFailure } from './explain-build-failure.ts'
import { isExecutable } from './find-executable.ts'
import type { CommandRunner } from './run-command.ts'

/** What {@link buildCollector} needs. */
export interface BuildOptions {
  /** Path of the `go` command. */
  readonly go: string
  /** Folder of the frozen sources. */
  readonly sourceFolder: string
  /** Where the program is to be. */
  readonly target: string
  readonly env: NodeJS.ProcessEnv
  readonly run: CommandRunner
  readonly report: (line: string) => void
  readonly now: () => number
  readonly ticker: Ticker
}

/** A build ended with the program in its place, or with a reason. */
export type BuildResult =
  { readonly status: 'built' } | ({ readonly status: 'failed' } & BuildFailure)

/** Cold, two cores take 160 s; a slow line to the module proxy gets the rest. */
const BUILD_TIMEOUT_MILLIS = 20 * 60_000

/**
 * Builds the frozen sources with a plain `go build`. The program appears under its name by a
 * rename, so that nobody ever starts half of it, and two builds at a time do no harm.
 */
export async function buildCollector(options: BuildOptions): Promise<BuildResult> {
  const { go, sourceFolder, target, env, run, report } = options
  try {
    await mkdir(dirname(target), { recursive: true })
  } catch (error) {
    return explainFolder(error as NodeJS.ErrnoException, dirname(target))
  }
  const unfinished = `${target}.${randomUUID()}.tmp`
  report('building the collector: the first time takes about three minutes and 1.7 GB of Go caches')
  const progress = followBuild(options)
  try {
    const result = await run(go, buildArguments(unfinished), {
      cwd: sourceFolder,
      env: { ...env, ...BUILD_ENVIRONMENT },
      timeoutMillis: BUILD_TIMEOUT_MILLIS,
      onLine: progress.see,
    })
    if (result.exitCode !== 0) {
      return { status: 'failed', ...explainBuildFailure(result, BUILD_TIMEOUT_MILLIS) }
    }
    await publish(unfinished, target)
    return { status: 'built' }
  } finally {
    progress.stop()
    await rm(unfinished, { force: true })
  }
}

const explainFolder = (error: NodeJS.ErrnoException, folder: string): BuildResult => ({
  status: 'failed',
  reason: `the build cannot be kept in ${folder} (${error.code ?? error.message})`,
  remedy: 'make it writable',
  details: [],
})

const buildArguments = (output: string): readonly string[] => [
  'build',
  '-v',
  '-trimpath',
  // Stamping asks git, which refuses a repository that another user owns.
  '-buildvcs=false',
  // An inherited -mod=mod or -mod=vendor would change, or not find, the frozen modules.
  '-mod=readonly',
  '-ldflags=-s -w',
  '-o',
  output,
  '.',
]

// GOWORK: a go.work in a parent folder would exclude our module. GOOS, GOARCH: the program is to
// run here, whatever the shell was set up to build for.
const BUILD_ENVIRONMENT: NodeJS.ProcessEnv = {
  CGO_ENABLED: '0',
  GOWORK: 'off',
  GOOS: '',
  GOARCH: '',
}

async function publish(unfinished: string, target: string): Promise<void> {
  try {
    await rename(unfinished, target)
  } catch (error) {
    // Windows does not replace a program that runs: another build was first with the same content.
    if (!(await isExecutable(target))) throw error
  }
}
