/**
 * The power goes while a process records, again and again: an ext4 file system on a loop device is
 * shut down without its log being flushed. In `disk` mode nothing that was acknowledged before may
 * be absent after any cut; in `process` mode it is counted what no flush had covered.
 *
 *     sudo node test/faults/power-cut.ts --rounds 100 [--process 10] [--seed N]
 *
 * Needs root, loop devices, `mkfs.ext4` and python3 (Node has no `ioctl`).
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Durability } from '@tokentrail/exporter'
import { createChance, freshSeed } from './support/chance.ts'
import { inFolder } from './support/folder.ts'
import { type Promised, findUndelivered, inspectAll } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { type LoopDisk, mountLoopDisk } from './support/loop-disk.ts'
import { ACCEPT, type ScriptedReceiver, startReceiver } from './support/receiver.ts'
import { startWriter } from './support/writer-process.ts'

interface Cut {
  readonly promised: Promised
  readonly errors: string
}

/** Lets a process record for a while, notes what it was promised, then cuts the power. */
async function cutOnce(
  disk: LoopDisk,
  receiver: ScriptedReceiver,
  durability: Durability,
  chance: () => number,
): Promise<Cut> {
  const directory = join(disk.path, 'data')
  const perTurn = 1 + Math.floor(chance() * 20)
  const writer = startWriter({ directory, endpoint: receiver.url, durability, perTurn })
  await writer.until(1)
  await pause(chance() * 700)
  // First: what is acknowledged while the power goes was promised by nobody.
  const acknowledged = new Set(writer.acknowledged)
  disk.cutPower()
  writer.child.kill('SIGKILL')
  await writer.ended()
  await disk.restart()
  return { promised: { origin: writer.origin, acknowledged }, errors: writer.errors }
}

/** @returns `undefined` where no such disk can be made. */
export async function cutPower(
  rounds: number,
  durability: Durability,
  seed: number,
): Promise<Outcome | undefined> {
  return inFolder(async (folder) => {
    const disk = mountLoopDisk(folder)
    if (!disk) return undefined
    const file = join(folder, 'export.jsonl')
    const receiver = await startReceiver(file)
    const chance = createChance(seed)
    const cuts: Cut[] = []
    try {
      for (let round = 0; round < rounds; round++) {
        // What has arrived elsewhere could not be lost here: half of the rounds deliver nothing, and
        // in `process` mode none does.
        const accepts = durability === 'disk' && round % 2 === 0
        receiver.script = accepts ? ACCEPT : () => 503
        cuts.push(await cutOnce(disk, receiver, durability, chance))
      }
      receiver.script = ACCEPT
      const promised = cuts.map((cut) => cut.promised)
      const directory = join(disk.path, 'data')
      const kept = durability === 'disk' ? promised : []
      const problems = await inspectAll(directory, receiver, file, kept)
      for (const { errors } of cuts) if (errors !== '') problems.push(errors.slice(0, 300))
      const total = promised.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
      const lost = promised.reduce((sum, one) => sum + countAbsent(receiver, one), 0)
      const logs = findUndelivered(receiver.arrivals, promised).length
      const figures = `power cut, ${durability}: seed ${seed}, ${rounds} cuts, ${total} acknowledged, ${lost} lost in ${logs} cuts`
      return { figures, problems }
    } finally {
      await receiver.close()
      await disk.remove()
    }
  })
}

function countAbsent(receiver: ScriptedReceiver, { origin, acknowledged }: Promised): number {
  const { numbers } = receiver.arrivals.logOf(origin)
  return [...acknowledged].filter((number) => !numbers.has(number)).length
}

if (import.meta.main) {
  const { rounds, process, seed } = readNumbers({ rounds: 100, process: 10, seed: freshSeed() })
  await runLongForm(async () => {
    const safe = await cutPower(rounds, 'disk', seed)
    const unsafe = await cutPower(process, 'process', seed)
    if (!safe || !unsafe) {
      return { figures: 'power cut: skipped, no loop device can be mounted here', problems: [] }
    }
    const problems = [...safe.problems, ...unsafe.problems]
    return { figures: `${safe.figures}\n${unsafe.figures}`, problems }
  })
}
