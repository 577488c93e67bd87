import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startOtlpSink } from './otlp-sink.ts'
import { type Program, startProgram } from './program.ts'
import { ROOT, run, type RunResult } from './run.ts'

const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'own-application')

/** The Node that runs this test comes first, also for what npm starts. */
const ENV = { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` }

/** A record as it arrived. */
export interface Arrived {
  readonly type: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** The application, recorded, with the collector that it sends to. */
export interface Recorded {
  readonly program: Program
  readonly url: string
  /** Folder of journal, keys and what the collector took. */
  readonly data: string
  readonly records: readonly Arrived[]
  /** Everything that the collector took, one OTLP message a line. */
  readonly exported: string
}

/** A user's application, into which the packed packages were installed. */
export interface OwnApplication {
  readonly folder: string
  /** What `npm pack` made of each package. */
  readonly tarballs: string
  /** Runs a command in the application's folder. */
  run(command: string, ...args: string[]): Promise<RunResult>
  /** Starts it with preloads, and stops it when the test is over. */
  start(issuer: string, ...preloads: string[]): Promise<Recorded>
  /** Removes everything. */
  remove(): void
}

/** Names a package in the version that this repository is tested with. */
export function pinned(name: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  return `${name}@${manifest.devDependencies[name]}`
}

/** Packs the packages and installs them beside `packages`, as a user would. */
export async function installOwnApplication(...packages: string[]): Promise<OwnApplication> {
  const base = mkdtempSync(join(tmpdir(), 'tokentrail-e2e-own-'))
  const folder = join(base, 'application')
  const tarballs = join(base, 'tarballs')
  const inFolder = (command: string, ...args: string[]): Promise<RunResult> =>
    run(command, args, { cwd: folder, env: ENV })
  const packed = await run(process.execPath, ['scripts/pack-all.ts', tarballs], { env: ENV })
  if (packed.code !== 0) throw new Error(packed.stderr)
  cpSync(FIXTURE, folder, { recursive: true })
  const flags = ['--no-audit', '--no-fund', '--prefer-offline']
  const files = readdirSync(tarballs).map((name) => join(tarballs, name))
  const installed = await inFolder('npm', 'install', ...flags, ...files, ...packages)
  if (installed.code !== 0) throw new Error(installed.stderr)
  return {
    folder,
    tarballs,
    run: inFolder,
    start: (issuer, ...preloads) => startRecorded(folder, base, issuer, preloads),
    remove: () => rmSync(base, { recursive: true, force: true }),
  }
}

async function startRecorded(
  folder: string,
  base: string,
  issuer: string,
  preloads: readonly string[],
): Promise<Recorded> {
  const data = mkdtempSync(join(base, 'data-'))
  mkdirSync(join(data, 'export'))
  const exported = join(data, 'export', 'records.jsonl')
  writeFileSync(exported, '')
  const records: Arrived[] = []
  const sink = await startOtlpSink(exported, (text) => records.push(JSON.parse(text) as Arrived))
  onTestFinished(() => sink.close())
  const args = [...preloads.flatMap((preload) => ['--import', preload]), 'app.js']
  const program = startProgram(args, {
    cwd: folder,
    env: {
      ISSUER: issuer,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      // Those of clouds ask the network, and spans wait for the answer.
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_SERVICE_NAME: 'own-application',
      TOKENTRAIL_DIR: data,
    },
  })
  onTestFinished(async () => void (await program.end('SIGKILL')))
  const [, url = ''] = await program.prints(/listening on (http:\S+)/)
  return { program, url, data, records, exported }
}
