/**
 * Kill -9 under load: a process appends records as fast as it can and is killed at a random moment,
 * again and again, in both modes of durability, while the receiver accepts in half of the rounds.
 * The next process adopts what it left. Nothing that a process was promised may be absent at the
 * end.
 *
 *     node test/faults/kill.ts --rounds 1000 [--seed N]
 */
import { join } from 'node:path'
import { createChance, freshSeed } from './support/chance.ts'
import { inFolder } from './support/folder.ts'
import { type Promised, inspectAll } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { ACCEPT, type ScriptedReceiver, startReceiver } from './support/receiver.ts'
import { type WriterProcess, startWriter } from './support/writer-process.ts'

/** Most records that a process is let write before it is killed. */
const MAX_RECORDS = 400

/** Starts a process, kills it at a moment that chance decides, and gives what it was promised. */
async function playRound(
  round: number,
  directory: string,
  receiver: ScriptedReceiver,
  chance: () => number,
): Promise<{ readonly writer: WriterProcess; readonly problems: readonly string[] }> {
  // In half of the rounds nothing is accepted, so that a backlog grows over several processes.
  receiver.script = round % 2 === 0 ? ACCEPT : () => 503
  const writer = startWriter({
    directory,
    endpoint: receiver.url,
    durability: round % 4 < 2 ? 'process' : 'disk',
    perTurn: 1 + Math.floor(chance() * 20),
    segmentBytes: 65_536,
  })
  await writer.until(1 + Math.floor(chance() * MAX_RECORDS))
  writer.child.kill('SIGKILL')
  await writer.ended()
  const { errors, lost } = writer
  const problems = [
    ...(errors === '' ? [] : [`round ${round}: the process said ${errors}`]),
    ...(lost === 0 ? [] : [`round ${round}: ${lost} records counted as lost`]),
  ]
  return { writer, problems }
}

/** Plays all rounds in one folder, then inspects what has arrived and what stands on disk. */
export function killUnderLoad(rounds: number, seed: number): Promise<Outcome> {
  return inFolder(async (folder) => {
    const file = join(folder, 'export.jsonl')
    const directory = join(folder, 'data')
    const receiver = await startReceiver(file)
    const chance = createChance(seed)
    const promised: Promised[] = []
    const problems: string[] = []
    for (let round = 0; round < rounds; round++) {
      const played = await playRound(round, directory, receiver, chance)
      promised.push(played.writer)
      problems.push(...played.problems)
    }
    receiver.script = ACCEPT
    problems.push(...(await inspectAll(directory, receiver, file, promised)))
    await receiver.close()
    const { arrivals } = receiver
    const acknowledged = promised.reduce((sum, writer) => sum + writer.acknowledged.size, 0)
    const ends = new Set(arrivals.spokenFor).size
    if (ends !== rounds) problems.push(`the ends of ${ends} logs were recorded, not of ${rounds}`)
    const figures =
      `kill: seed ${seed}, ${rounds} kills, ${acknowledged} acknowledged, ` +
      `${arrivals.records} records arrived, ${arrivals.repeated} of them again`
    return { figures, problems }
  })
}

if (import.meta.main) {
  const { rounds, seed } = readNumbers({ rounds: 1_000, seed: freshSeed() })
  await runLongForm(() => killUnderLoad(rounds, seed))
}
