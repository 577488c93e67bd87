/**
 * Every call of the journal's disk fails once, in this process: the next one adopts a dead
 * process's log, appends in several segments, delivers and seals, while its n-th call ends in EIO
 * or ENOSPC, or with a short count, or takes the process with it.
 *
 *     node test/faults/disk-calls.ts [--stride 1]
 */
import type { Durability } from '@tokentrail/exporter'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import type { Fault, FaultPlan } from './support/sim-disk.ts'
import {
  ACCEPTING,
  type SimKeys,
  SimWorld,
  UNREACHABLE,
  createSimKeys,
} from './support/sim-world.ts'

const FAULTS: readonly Fault[] = ['EIO', 'ENOSPC', 'short', 'crash']
const DURABILITIES: readonly Durability[] = ['process', 'disk']
const FIRST_RECORDS = 4
const RECORDS = 24

/** A dead process has left an undelivered log; a second one lives through the fault. */
async function live(
  keys: SimKeys,
  durability: Durability,
  plan?: FaultPlan,
): Promise<{ readonly world: SimWorld; readonly calls: number }> {
  const world = new SimWorld(keys)
  world.network = UNREACHABLE
  const first = world.start(durability)
  for (let number = 0; number < FIRST_RECORDS; number++) first.append(number)
  await first.turn()
  first.kill()
  world.network = ACCEPTING
  world.disk.calls = 0
  world.disk.plan = plan
  const second = world.start(durability)
  for (let number = 0; number < RECORDS; number++) {
    second.append(100 + number)
    if (number % 4 === 0) await second.turn(300)
  }
  await second.turn()
  await second.finish()
  const { calls } = world.disk
  second.kill()
  return { world, calls }
}

async function tryCall(
  keys: SimKeys,
  durability: Durability,
  plan: FaultPlan,
): Promise<readonly string[]> {
  const { world } = await live(keys, durability, plan)
  const problems = [
    ...world.processes.flatMap((process) => process.problems),
    ...(await world.inspect()),
  ]
  return problems.map((problem) => `${durability} ${plan.fault} at call ${plan.at}: ${problem}`)
}

/** Runs every `stride`-th call of each mode and each fault. */
export async function failEveryCall(stride: number): Promise<Outcome> {
  const keys = createSimKeys()
  const problems: string[] = []
  let runs = 0
  for (const durability of DURABILITIES) {
    const { calls } = await live(keys, durability)
    for (const fault of FAULTS) {
      for (let at = 1; at <= calls; at += stride) {
        problems.push(...(await tryCall(keys, durability, { at, fault })))
        runs++
      }
    }
  }
  return { figures: `disk calls: ${runs} runs`, problems }
}

if (import.meta.main) {
  const { stride } = readNumbers({ stride: 1 })
  await runLongForm(() => failEveryCall(stride))
}
