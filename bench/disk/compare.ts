import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../child.ts'
import { chooseQuiet, MachineLoad } from '../machine-load.ts'
import { median, type Spread, spreadOf } from '../measure.ts'
import type { DiskJob, DiskUsage } from './writer.ts'

/** Size of the measurement. */
export interface DiskOptions {
  readonly rounds: number
  readonly seconds: number
}

/** How long a record takes to be durable. */
export interface DiskComparison extends DiskOptions {
  /** Rounds that count, of {@link DiskOptions.rounds}. */
  readonly counted: number
  /** Share of the machine that others used meanwhile. */
  readonly outside: number
  /** File system and device that the journal was on, e.g. `ext4 on /dev/vda`. */
  readonly volume: string
  readonly records: number
  readonly unsettled: number
  /** Records a second. */
  readonly perSecond: Spread
  /** Milliseconds. */
  readonly p50: Spread
  readonly p99: Spread
  readonly longest: Spread
  /** Milliseconds of `write` and `fdatasync` alone. */
  readonly bareP50: Spread
  readonly bareP99: Spread
}

/** Records a second that the limit was set for. */
export const DISK_PER_SECOND = 2_000

/** In the repository: a temporary folder may be in memory. */
const FOLDER = join(import.meta.dirname, '..', '..', '.cache')

/** Appends at a fixed rate with durability `disk`; what is appended is delivered meanwhile. */
export async function measureDisk({ rounds, seconds }: DiskOptions): Promise<DiskComparison> {
  await mkdir(FOLDER, { recursive: true })
  const folder = await mkdtemp(join(FOLDER, 'bench-disk-'))
  const children: Child[] = []
  try {
    const sink = new Child('sink.ts')
    children.push(sink)
    const { port } = await sink.next<{ port: number }>()
    const writer = new Child('disk/writer.ts', {
      env: {
        TOKENTRAIL_DIR: folder,
        OTEL_SERVICE_NAME: 'bench',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/disk`,
      },
    })
    children.push(writer)
    await writer.next()
    const job: DiskJob = { records: seconds * DISK_PER_SECOND, perSecond: DISK_PER_SECOND }
    await writer.ask<DiskUsage>(job)
    const machine = new MachineLoad(() => children.map(({ pid }) => pid))
    const all: { readonly usage: DiskUsage; readonly outside: number }[] = []
    for (let round = 0; round < rounds; round += 1) {
      machine.lap()
      const usage = await writer.ask<DiskUsage>(job)
      all.push({ usage, outside: machine.lap() })
    }
    const quiet = chooseQuiet(all)
    const spread = (pick: (usage: DiskUsage) => number): Spread =>
      spreadOf(quiet.map(({ usage }) => pick(usage)))
    return {
      rounds,
      seconds,
      counted: quiet.length,
      outside: median(quiet.map(({ outside }) => outside)),
      volume: await findVolume(folder),
      records: rounds * job.records,
      unsettled: all.reduce((sum, { usage }) => sum + usage.unsettled, 0),
      perSecond: spread((usage) => usage.perSecond),
      p50: spread((usage) => usage.p50),
      p99: spread((usage) => usage.p99),
      longest: spread((usage) => usage.longest),
      bareP50: spread((usage) => usage.bareP50),
      bareP99: spread((usage) => usage.bareP99),
    }
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** Linux: the mount whose path is the longest that the folder is in. */
async function findVolume(folder: string): Promise<string> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  const mounts = table
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, path = '']) => path !== '' && `${folder}/`.startsWith(path.replace(/\/?$/, '/')))
    .sort(([, one = ''], [, other = '']) => other.length - one.length)
  const [device, , type] = mounts[0] ?? []
  return device === undefined ? 'unknown volume' : `${type} on ${device}`
}
