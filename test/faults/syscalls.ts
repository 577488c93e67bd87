/**
 * Every system call of the journal fails once, by strace: a process adopts a dead one's log,
 * appends records in several segments, delivers and seals. A clean run counts its calls; then there
 * is one run for each call and each way to fail. After each, the next process adopts and delivers,
 * and everything that was promised must be there.
 *
 *     node test/faults/syscalls.ts [--share 1] [--most N] [--seed N]   (needs strace; takes hours)
 *
 * Threads count their calls separately, so in one run the n-th call of each thread fails.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createChance, freshSeed } from './support/chance.ts'
import { inFolder } from './support/folder.ts'
import { type Promised, inspectAll } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { ACCEPT, startReceiver } from './support/receiver.ts'
import { attachStrace } from './support/strace.ts'
import { until } from './support/until.ts'
import { type WriterProcess, startWriter } from './support/writer-process.ts'

/** Calls of the journal's {@link Disk}, as Node makes them. */
const CALLS = [
  'openat',
  'close',
  'pread64',
  'pwrite64',
  'ftruncate',
  'fdatasync',
  'fsync',
  'rename',
  'unlink',
  'mkdir',
  'statx',
  'getdents64',
  'fcntl',
] as const

type Call = (typeof CALLS)[number]

/** A way to fail, and which calls can. */
interface Fault {
  readonly name: string
  readonly injection: string
  readonly calls: readonly Call[]
  /** A short count that is a lie: bytes are said to be written that are not. */
  readonly isLie?: boolean
}

const GROWING: readonly Call[] = ['openat', 'pwrite64', 'mkdir', 'rename', 'ftruncate', 'fdatasync']

export const FAULTS: readonly Fault[] = [
  // Node itself aborts when the `close` of a handle of its own fails; `disk-calls.ts` fails ours.
  { name: 'EIO', injection: 'error=EIO', calls: CALLS.filter((call) => call !== 'close') },
  { name: 'ENOSPC', injection: 'error=ENOSPC', calls: GROWING },
  { name: 'KILL', injection: 'signal=KILL', calls: CALLS },
  { name: 'delay', injection: 'delay_enter=50000', calls: ['pwrite64', 'fdatasync', 'fsync'] },
  { name: 'short', injection: 'retval=2', calls: ['pwrite64'], isLie: true },
]

/** One run: the n-th call of each thread fails in one way. */
export interface Trial {
  readonly fault: Fault
  readonly call: Call
  readonly at: number
}

const RECORDS = 24
const SEGMENT_BYTES = 8_192

/** A folder in which a process was killed that had delivered nothing, and what it was promised. */
export interface Template {
  readonly directory: string
  readonly promised: Promised
}

export async function makeTemplate(folder: string): Promise<Template> {
  const directory = join(folder, 'template')
  const receiver = await startReceiver()
  receiver.script = () => 503
  const options = { directory, endpoint: receiver.url, durability: 'process' } as const
  const writer = startWriter({ ...options, records: 6, stays: true, segmentBytes: SEGMENT_BYTES })
  await writer.until(6)
  writer.child.kill('SIGKILL')
  await writer.ended()
  await receiver.close()
  return { directory, promised: writer }
}

async function runWriter(
  directory: string,
  endpoint: string,
  parameters: readonly string[],
): Promise<WriterProcess> {
  const writer = startWriter(
    {
      directory,
      endpoint,
      durability: 'disk',
      perTurn: 3,
      pauseMillis: 5,
      first: 100,
      records: RECORDS,
      segmentBytes: SEGMENT_BYTES,
      waits: true,
    },
    { UV_THREADPOOL_SIZE: '1' },
  )
  await until('the writer is ready', () => writer.isReady, 60_000)
  const strace = await attachStrace(writer.child.pid ?? 0, parameters)
  writer.go()
  await writer.ended()
  await strace.ended()
  return writer
}

/** Counts, for each call, the most that any thread makes of it in a run without a fault. */
export async function countCalls(folder: string, template: Template): Promise<Map<Call, number>> {
  const directory = join(folder, 'counted')
  cpSync(template.directory, directory, { recursive: true })
  const receiver = await startReceiver()
  const output = join(folder, 'strace.txt')
  const parameters = ['-o', output, '-e', `trace=${CALLS.join(',')}`]
  const writer = await runWriter(directory, receiver.url, parameters)
  await receiver.close()
  if (writer.done !== true) throw new Error(`the clean run failed: ${writer.errors}`)
  const counts = new Map<string, number>()
  for (const [, thread = '', call = ''] of readFileSync(output, 'utf8').matchAll(
    /^(\d+) +(\w+)\(/gm,
  )) {
    const key = `${call} ${thread}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return new Map(
    CALLS.map((call) => {
      const perThread = [...counts].filter(([key]) => key.startsWith(`${call} `))
      return [call, Math.max(0, ...perThread.map(([, count]) => count))]
    }),
  )
}

export function listTrials(counts: ReadonlyMap<Call, number>): Trial[] {
  return FAULTS.flatMap((fault) =>
    fault.calls.flatMap((call) =>
      Array.from({ length: counts.get(call) ?? 0 }, (_, index) => ({ fault, call, at: index + 1 })),
    ),
  )
}

/** Runs one trial; gives what broke a promise. */
export async function tryFault(
  folder: string,
  template: Template,
  { fault, call, at }: Trial,
): Promise<string[]> {
  const directory = join(folder, 'tried')
  const file = join(folder, 'export.jsonl')
  cpSync(template.directory, directory, { recursive: true })
  const receiver = await startReceiver(file)
  try {
    const inject = `inject=${call}:${fault.injection}:when=${at}`
    const parameters = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
    const writer = await runWriter(directory, receiver.url, parameters)
    receiver.script = ACCEPT
    const promised = writer.origin === '' ? [template.promised] : [template.promised, writer]
    const found = await inspectAll(directory, receiver, file, promised)
    const { lost } = receiver.arrivals.logOf(writer.origin)
    const isOver = writer.done !== undefined
    const problems = [
      ...describeEnd(writer, fault),
      ...(isOver && lost !== writer.lost ? [`${writer.lost} lost, ${lost} of them said`] : []),
      ...(fault.isLie === true ? judgeLie(found, receiver.arrivals.types) : found),
    ]
    return problems.map((problem) => `${fault.name} at ${call} ${at}: ${problem}`)
  } finally {
    await receiver.close()
    rmSync(directory, { recursive: true, force: true })
    rmSync(file, { force: true })
  }
}

/** A fault may end the log, never the process; only a signal may do that. */
function describeEnd(writer: WriterProcess, fault: Fault): string[] {
  if (fault.injection.startsWith('signal=')) return []
  if (writer.errors !== '') return [`the process said ${writer.errors.slice(0, 300)}`]
  const isOver = writer.done !== undefined || writer.unusable !== undefined
  if (isOver) return []
  return [`the process ended before its time: ${JSON.stringify(writer.health)}`]
}

/**
 * What was never written cannot be there; but it must be said that it is not: in a signed record,
 * or, of a log that was sealed by then, by `fsck` and `verify`.
 */
function judgeLie(found: readonly string[], types: ReadonlyMap<string, number>): string[] {
  const isSeen = found.some((problem) => problem.startsWith('fsck'))
  if (found.length === 0 || isSeen || types.has('tokentrail.journal.damage')) return []
  return [`nothing was said of damage: ${found.join('; ')}`]
}

/** Runs a share of all trials, at most so many, chosen by the seed. */
export function failEverySyscall(share: number, seed: number, most = Infinity): Promise<Outcome> {
  return inFolder(async (folder) => {
    const template = await makeTemplate(folder)
    const counts = await countCalls(folder, template)
    const all = listTrials(counts)
    const chance = createChance(seed)
    const chosen = all
      .map((trial) => ({ trial, order: chance() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, Math.min(most, Math.ceil(share * all.length)))
      .map(({ trial }) => trial)
    const problems: string[] = []
    for (const trial of chosen) {
      const found = await tryFault(folder, template, trial).catch((error: unknown) => [
        `${trial.fault.name} at ${trial.call} ${trial.at}: ${String(error)}`,
      ])
      for (const problem of found) console.log(problem)
      problems.push(...found)
    }
    const calls = [...counts].map(([call, count]) => `${call} ${count}`).join(', ')
    return {
      figures: `syscalls: seed ${seed}, ${chosen.length} of ${all.length} trials (${calls})`,
      problems,
    }
  })
}

if (import.meta.main) {
  const { share, seed, most } = readNumbers({ share: 1, seed: freshSeed(), most: 1_000_000 })
  await runLongForm(() => failEverySyscall(share, seed, most))
}
