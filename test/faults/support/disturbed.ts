import { join } from 'node:path'
import type { Durability, HealthKind } from '@tokentrail/exporter'
import type { Arrivals } from './arrivals.ts'
import { inFolder } from './folder.ts'
import {
  type Promised,
  type RootKey,
  adoptAndDeliver,
  fsckAll,
  readRootKey,
  verifyFile,
} from './inspect.ts'
import { type ScriptedReceiver, startReceiver } from './receiver.ts'
import { type WriterOptions, type WriterProcess, startWriter } from './writer-process.ts'

/** What is being disturbed. */
export interface Scene {
  readonly writer: WriterProcess
  readonly receiver: ScriptedReceiver
  /** `TOKENTRAIL_DIR` of the process. */
  readonly directory: string
  /** Folder of the log that it has opened first. */
  readonly log: string
  /** Folders beside `directory` that hold journals at the end, to be drained as well. */
  readonly others: string[]
}

/** Something that is done to a process while it records. */
export interface Disturbance {
  readonly name: string
  /** Returns when it is over, and the process has noticed. */
  readonly disturb: (scene: Scene) => Promise<void>
  /** What its operator hears of it, each kind once or more, and nothing else. */
  readonly told: readonly HealthKind[]
  /** What may be heard too: it depends on what the process does at that moment. Default is nothing. */
  readonly perhapsTold?: readonly HealthKind[]
  /**
   * Whether nothing can be kept from then on: the process ends, and how many records it has lost it
   * could say to its operator only. Nor is anything promised that is acknowledged from then on.
   */
  readonly isForGood?: boolean
  /** What of a verifier's findings is the disturbance itself. Default is nothing. */
  readonly excused?: RegExp
  readonly writer?: Partial<WriterOptions>
  readonly env?: Readonly<Record<string, string>>
  /** How long the receiver keeps a connection that is idle. */
  readonly keepAliveMillis?: number
}

/** How the process ends after it. */
export interface Ending {
  readonly durability: Durability
  readonly signal: 'SIGKILL' | 'SIGTERM'
}

/** Each mode with each end. */
export const ENDINGS: readonly Ending[] = [
  { durability: 'process', signal: 'SIGKILL' },
  { durability: 'disk', signal: 'SIGTERM' },
  { durability: 'disk', signal: 'SIGKILL' },
  { durability: 'process', signal: 'SIGTERM' },
]

/** Records before and after; so few that an end may come in the middle of a batch. */
const RECORDS = 50

/** Records, disturbed, then ends; gives what broke a promise. */
export function tryDisturbance(disturbance: Disturbance, ending: Ending): Promise<string[]> {
  return inFolder((folder) => disturbIn(join(folder, 'data'), folder, disturbance, ending))
}

/**
 * The same, in a folder of the caller's.
 *
 * @param directory - `TOKENTRAIL_DIR`.
 * @param folder - Where the receiver may write.
 * @param beforeNext - Called between the end of the process and the start of the next.
 */
export async function disturbIn(
  directory: string,
  folder: string,
  disturbance: Disturbance,
  ending: Ending,
  beforeNext: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const { disturb, env, isForGood = false, keepAliveMillis, name } = disturbance
  const { durability, signal } = ending
  const file = join(folder, 'export.jsonl')
  const server = keepAliveMillis === undefined ? {} : { keepAliveTimeout: keepAliveMillis }
  const receiver = await startReceiver(file, 0, server)
  const writer = startWriter(
    { directory, endpoint: receiver.url, durability, pauseMillis: 10, ...disturbance.writer },
    env,
  )
  const others: string[] = []
  try {
    await writer.until(RECORDS)
    const root = readRootKey(directory)
    const uuid = writer.origin.split('/').at(-1) ?? ''
    const log = join(directory, 'journal', 'orders', 'slot-0', uuid)
    const before = new Set(writer.acknowledged)
    await disturb({ writer, receiver, directory, log, others })
    if (!isForGood) await writer.until(writer.acknowledged.size + RECORDS)
    writer.child.kill(signal)
    const end = await writer.ended()
    await beforeNext()
    const problems = [
      ...describeEnd(writer, ending, end, isForGood),
      ...describeHealth(writer, disturbance),
      ...(await inspect(
        { origin: writer.origin, acknowledged: isForGood ? before : writer.acknowledged },
        receiver,
        [directory, ...others],
        file,
        root,
      )),
      ...(isForGood ? [] : describeLoss(writer, receiver.arrivals)),
    ]
    return problems
      .filter((problem) => disturbance.excused?.test(problem) !== true)
      .map((problem) => `${name}, ${durability} mode, ${signal}: ${problem}`)
  } catch (error) {
    const heard = writer.health.join('; ')
    return [`${name}, ${durability} mode, ${signal}: ${String(error)}; it was told: ${heard}`]
  } finally {
    writer.child.kill('SIGKILL')
    await receiver.close()
  }
}

function describeEnd(
  { done, errors }: WriterProcess,
  { signal }: Ending,
  end: { readonly code: number | null; readonly signal: NodeJS.Signals | null },
  isForGood: boolean,
): string[] {
  const isDone = done === true || (isForGood && done !== undefined)
  const isAsTold = signal === 'SIGKILL' ? end.signal === signal : end.code === 0 && isDone
  return [
    ...(errors === '' ? [] : [`the process said ${errors.slice(0, 300)}`]),
    ...(isAsTold ? [] : [`it ended by ${end.signal ?? end.code}, delivered: ${done}`]),
  ]
}

/** A receiver's absence is the receiver's matter. */
function describeHealth(writer: WriterProcess, { told, perhapsTold = [] }: Disturbance): string[] {
  const kinds = new Set(writer.health.map((line) => line.split(':', 1).join('')))
  for (const kind of ['delivery-blocked', 'delivery-restored']) kinds.delete(kind)
  const untold = told.filter((kind) => !kinds.has(kind))
  const unexpected = writer.health.filter(
    (line) =>
      kinds.has(line.split(':', 1).join('')) &&
      ![...told, ...perhapsTold].some((kind) => line.startsWith(`${kind}:`)),
  )
  return [
    ...untold.map((kind) => `nobody was told: ${kind}`),
    ...unexpected.map((line) => `it was told: ${line}`),
  ]
}

async function inspect(
  promised: Promised,
  receiver: ScriptedReceiver,
  folders: readonly string[],
  file: string,
  root: RootKey,
): Promise<string[]> {
  const problems: string[] = []
  for (const folder of folders) problems.push(...(await adoptAndDeliver(folder, receiver)))
  const { arrivals } = receiver
  const logs = [...arrivals.logs.values()]
  const [folder = ''] = folders
  return [
    ...problems,
    ...arrivals.problems,
    ...describeAbsent(promised, logs),
    ...folders.flatMap(fsckAll),
    ...(await verifyFile(folder, file, [root, ...folders.map(readRootKey)])),
  ]
}

/** Every record that was not kept is counted in a signed record, none twice. */
function describeLoss({ lost }: WriterProcess, { logs }: Arrivals): string[] {
  const said = [...logs.values()].reduce((sum, log) => sum + log.lost, 0)
  return said === lost ? [] : [`${lost} records lost, ${said} of them said`]
}

/** Another log may have gone on. */
function describeAbsent(
  { acknowledged }: Promised,
  logs: readonly { readonly numbers: ReadonlySet<number> }[],
): string[] {
  const absent = [...acknowledged].filter(
    (number) => !logs.some(({ numbers }) => numbers.has(number)),
  )
  return absent.length === 0 ? [] : [`${absent.length} absent, first ${absent[0]}`]
}
