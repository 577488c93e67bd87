/**
 * Every system call of the journal fails once, by strace: a process adopts a dead one's log,
 * appends records in several segments, delivers and seals. A clean run counts its calls; then there
 * is one run for each call and each way to fail. After each, the next process adopts and delivers,
 * and everything that was promised must be there.
 *
 *     node test/faults/syscalls.ts [--share 1] [--most N] [--jobs 1] [--seed N]
 *
 * It needs strace, and half an hour with two jobs. Threads count their calls separately, so in one
 * run the n-th call of each thread fails.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from '@tokentrail/exporter'
import { createChance, freshSeed } from './support/chance.ts'
import { inFolder } from './support/folder.ts'
import { type Promised, inspectAll } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { ACCEPT, startReceiver } from './support/receiver.ts'
import { isAbortOfNode } from './support/node-abort.ts'
import { attachStrace } from './support/strace.ts'
import {
  CALLS,
  type CallCount,
  type Fault,
  MODES,
  type Trial,
  listTrials,
  nameOf,
} from './support/syscall-trials.ts'
import { until } from './support/until.ts'
import { type WriterProcess, startWriter } from './support/writer-process.ts'

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

interface Run {
  readonly writer: WriterProcess
  readonly signal: NodeJS.Signals | null
}

async function runWriter(
  directory: string,
  endpoint: string,
  durability: Durability,
  parameters: readonly string[],
): Promise<Run> {
  const writer = startWriter(
    {
      directory,
      endpoint,
      durability,
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
  const { signal } = await writer.ended()
  await strace.ended()
  return { writer, signal }
}

/** Counts the calls of a run without a fault. */
export async function countCalls(
  folder: string,
  template: Template,
  durability: Durability,
): Promise<CallCount[]> {
  const directory = join(folder, `counted-${durability}`)
  cpSync(template.directory, directory, { recursive: true })
  const receiver = await startReceiver()
  const output = join(folder, 'strace.txt')
  const parameters = ['-f', '-o', output, '-e', `trace=${CALLS.join(',')}`]
  const { writer } = await runWriter(directory, receiver.url, durability, parameters)
  await receiver.close()
  if (writer.done !== true) throw new Error(`the clean run failed: ${writer.errors}`)
  const counts = new Map<string, number>()
  for (const [, thread = '', call = ''] of readFileSync(output, 'utf8').matchAll(
    /^(\d+) +(\w+)\(/gm,
  )) {
    const key = `${call} ${thread}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return MODES[durability].map((call) => {
    const perThread = [...counts].filter(([key]) => key.startsWith(`${call} `))
    return {
      durability,
      call,
      most: Math.max(0, ...perThread.map(([, count]) => count)),
      main: counts.get(`${call} ${writer.child.pid}`) ?? 0,
    }
  })
}

/** What became of a trial. */
interface Tried {
  readonly problems: readonly string[]
  /** Whether any thread came to make the call that was to fail. */
  readonly isMet: boolean
}

/** Runs one trial. */
export async function tryFault(folder: string, template: Template, trial: Trial): Promise<Tried> {
  const { at, call, durability, fault } = trial
  const place = mkdtempSync(join(folder, 'tried-'))
  const directory = join(place, 'data')
  const file = join(place, 'export.jsonl')
  const output = join(place, 'strace.txt')
  cpSync(template.directory, directory, { recursive: true })
  const receiver = await startReceiver(file)
  try {
    const inject = `inject=${call}:${fault.injection}:when=${at}`
    const threads = fault.isMainOnly === true ? [] : ['-f']
    const parameters = [...threads, '-y', '-o', output, '-e', `trace=${call}`, '-e', inject]
    const run = await runWriter(directory, receiver.url, durability, parameters)
    const { writer } = run
    receiver.script = ACCEPT
    const trace = readFileSync(output, 'utf8')
    const promised = writer.origin === '' ? [template.promised] : [template.promised, writer]
    const found = await inspectAll(directory, receiver, file, promised)
    const { lost } = receiver.arrivals.logOf(writer.origin)
    const isOver = writer.done !== undefined
    const problems = [
      ...describeEnd(run, fault, directory, trace),
      ...(isOver && lost !== writer.lost ? [`${writer.lost} lost, ${lost} of them said`] : []),
      ...(fault.isLie === true ? judgeLie(found, receiver.arrivals.types) : found),
    ]
    return {
      problems: problems.map((problem) => `${nameOf(trial)}: ${problem}`),
      isMet: /\(INJECTED\)|\(DELAYED\)|killed by SIGKILL/.test(trace),
    }
  } finally {
    await receiver.close()
    rmSync(place, { recursive: true, force: true })
  }
}

/** A fault may end the log, never the process; only a signal may do that, and Node itself. */
function describeEnd(
  { signal, writer }: Run,
  fault: Fault,
  directory: string,
  trace: string,
): string[] {
  if (fault.injection.startsWith('signal=')) return []
  if (signal === 'SIGABRT' && isAbortOfNode(trace, directory, writer.errors)) return []
  if (writer.errors !== '') return [`the process said ${writer.errors.slice(0, 300)}`]
  const isOver = writer.done !== undefined || writer.unusable !== undefined
  if (isOver) return []
  return [`the process ended before its time (${signal}): ${JSON.stringify(writer.health)}`]
}

/** What may be found where bytes are absent: that they are, by whoever looks. */
const TOLD =
  /^(fsck|verdict|verify): |acknowledged records absent| cannot be read: | is gone\.$|came where/
/** What a verifier may say of a log of which a record is absent: it, or what only it said. */
const ABSENT = /"verdict":"(MISSING|MISSING_CHECKPOINT|UNSEALED_END|UNKNOWN_KEY)"/

/**
 * What was never written cannot be there; but it must be said that it is not: in a signed record,
 * or, of a log that was sealed by then, by `fsck` and `verify`. Nothing else may be wrong, and of
 * each record that is passed over the verifier gives the index.
 */
function judgeLie(found: readonly string[], types: ReadonlyMap<string, number>): string[] {
  const findings = found.filter((problem) => problem.startsWith('verify: '))
  const isSeen = found.some((problem) => problem.startsWith('fsck'))
  const isTold = found.length === 0 || isSeen || types.has('tokentrail.journal.damage')
  const passedOver = found.flatMap((problem) => {
    const [, log = '', next, due] = /^(\S+) (\d+) came where (\d+) was due$/.exec(problem) ?? []
    const count = Number(next ?? 0) - Number(due ?? 0)
    return Array.from(
      { length: count },
      (_, order) => `"log":"${log}","index":${Number(due) + order},`,
    )
  })
  return [
    ...found.filter((problem) => !TOLD.test(problem)),
    ...findings.filter((finding) => !ABSENT.test(finding)),
    ...passedOver
      .filter((place) => !findings.some((finding) => finding.includes(place)))
      .map((place) => `no finding for ${place}`),
    ...(isTold ? [] : [`nothing was said of damage: ${found.join('; ')}`]),
  ]
}

/** What of all trials is run. */
interface Selection {
  /** From 0 to 1, chosen by the seed. Default is 1. */
  readonly share?: number
  readonly seed: number
  /** Default is no limit. */
  readonly most?: number
  /** How many run side by side: most of a trial is waiting. Default is 1. */
  readonly jobs?: number
}

/** Runs a share of all trials, at most so many. */
export function failEverySyscall(selection: Selection): Promise<Outcome> {
  const { jobs = 1, most = Infinity, seed, share = 1 } = selection
  return inFolder(async (folder) => {
    const template = await makeTemplate(folder)
    const counts = [
      ...(await countCalls(folder, template, 'disk')),
      ...(await countCalls(folder, template, 'process')),
    ]
    const all = listTrials(counts)
    const chance = createChance(seed)
    const chosen = all
      .map((trial) => ({ trial, order: chance() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, Math.min(most, Math.ceil(share * all.length)))
      .map(({ trial }) => trial)
    const tried: Tried[] = []
    const rest = chosen.values()
    const work = async (): Promise<void> => {
      for (const trial of rest) tried.push(await tryAndTell(folder, template, trial))
    }
    await Promise.all(Array.from({ length: jobs }, work))
    const calls = counts.map(({ call, durability, most }) => `${durability} ${call} ${most}`)
    const met = tried.filter(({ isMet }) => isMet).length
    return {
      figures: `syscalls: seed ${seed}, ${chosen.length} of ${all.length} trials, ${met} met their call (${calls.join(', ')})`,
      problems: tried.flatMap(({ problems }) => problems),
    }
  })
}

/** Prints what it finds at once: a long run may be ended before its end. */
async function tryAndTell(folder: string, template: Template, trial: Trial): Promise<Tried> {
  const tried = await tryFault(folder, template, trial).catch((error: unknown) => ({
    problems: [`${nameOf(trial)}: ${String(error)}`],
    isMet: true,
  }))
  for (const problem of tried.problems) console.log(problem)
  return tried
}

if (import.meta.main) {
  const defaults = { share: 1, seed: freshSeed(), most: 1_000_000, jobs: 1 }
  await runLongForm(() => failEverySyscall(readNumbers(defaults)))
}
