/**
 * A process that records is stopped and goes on, its journal's file is removed or replaced under
 * it, its receiver is away: nothing is absent at the end.
 *
 *     node test/faults/disturbances.ts [--outage 600]   (seconds; ten minutes by default)
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inFolder } from './support/folder.ts'
import { adoptAndDeliver, fsckAll, verifyFile } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { ACCEPT, type ScriptedReceiver, startReceiver } from './support/receiver.ts'
import { type WriterProcess, startWriter } from './support/writer-process.ts'

/** What is being disturbed. */
interface Scene {
  readonly writer: WriterProcess
  readonly receiver: ScriptedReceiver
  /** Folder of its log. */
  readonly log: string
}

/** Something that is done to a process while it records. */
export interface Disturbance {
  readonly name: string
  readonly disturb: (scene: Scene) => Promise<void>
}

const STOPPED_MILLIS = 1_500
/** Longer than the log takes to notice. */
const NOTICED_MILLIS = 2_500

function currentSegment(log: string): string {
  const last = readdirSync(log)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .at(-1)
  return join(log, last ?? '')
}

/** The receiver does not answer for so many seconds; a connection is refused or reset. */
export const outage = (seconds: number): Disturbance => ({
  name: `${seconds} s of outage`,
  disturb: async ({ receiver }) => {
    receiver.script = ({ request }) => void request.socket.resetAndDestroy()
    await pause(seconds * 1_000)
    receiver.script = ACCEPT
  },
})

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'SIGSTOP and SIGCONT',
    disturb: async ({ writer }) => {
      writer.child.kill('SIGSTOP')
      await pause(STOPPED_MILLIS)
      writer.child.kill('SIGCONT')
      await pause(STOPPED_MILLIS / 2)
    },
  },
  {
    name: 'the segment is removed',
    disturb: async ({ log }) => {
      rmSync(currentSegment(log))
      await pause(NOTICED_MILLIS)
    },
  },
  {
    name: 'the segment is replaced',
    disturb: async ({ log }) => {
      const path = currentSegment(log)
      rmSync(path)
      writeFileSync(path, 'what somebody else has written')
      await pause(NOTICED_MILLIS)
    },
  },
]

/** Records, disturbed, then ends; gives what broke a promise. */
export function tryDisturbance({ disturb, name }: Disturbance): Promise<string[]> {
  return inFolder(async (folder) => {
    const file = join(folder, 'export.jsonl')
    const directory = join(folder, 'data')
    const receiver = await startReceiver(file)
    const { url } = receiver
    const writer = startWriter({ directory, endpoint: url, durability: 'disk', pauseMillis: 10 })
    await writer.until(50)
    const uuid = writer.origin.split('/').at(-1) ?? ''
    const log = join(directory, 'journal', 'orders', 'slot-0', uuid)
    await disturb({ writer, receiver, log })
    const before = writer.acknowledged.size
    await writer.until(before + 50)
    const acknowledged = new Set(writer.acknowledged)
    writer.child.kill('SIGKILL')
    await writer.ended()
    const problems = await adoptAndDeliver(directory, receiver)
    const { arrivals } = receiver
    const numbers = new Set([...arrivals.logs.values()].flatMap((one) => [...one.numbers]))
    const absent = [...acknowledged].filter((number) => !numbers.has(number))
    if (absent.length > 0) problems.push(`${absent.length} absent, first ${absent[0]}`)
    problems.push(...arrivals.problems, ...fsckAll(directory))
    problems.push(...(await verifyFile(directory, file)))
    await receiver.close()
    return problems.map((problem) => `${name}: ${problem}`)
  })
}

export async function disturbAll(seconds: number): Promise<Outcome> {
  const problems: string[] = []
  const all = [...DISTURBANCES, outage(seconds)]
  for (const disturbance of all) problems.push(...(await tryDisturbance(disturbance)))
  return { figures: `disturbances: ${all.map(({ name }) => name).join(', ')}`, problems }
}

if (import.meta.main) {
  const { outage: seconds } = readNumbers({ outage: 600 })
  await runLongForm(() => disturbAll(seconds))
}
