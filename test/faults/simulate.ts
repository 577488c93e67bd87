/**
 * A seeded simulation that mixes everything: processes that record, are killed, lose power, meet
 * failing and full disks, a clock that jumps, and a network that fails in every way. Disk, clock
 * and network are in memory, so an hour passes in a moment. After each life of a machine nothing
 * that was acknowledged is absent, the order was kept, `fsck` and `verify` find nothing but what
 * signed records say is lost.
 *
 *     node test/faults/simulate.ts [--runs 1000] [--seed N]
 *
 * Each run prints its own seed when it fails; `--runs 1 --seed N` replays it.
 */
import type { Durability } from '@tokentrail/exporter'
import { createChance, freshSeed } from './support/chance.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import type { Fault } from './support/sim-disk.ts'
import {
  type Network,
  type SimKeys,
  type SimProcess,
  SimWorld,
  UNREACHABLE,
  createSimKeys,
} from './support/sim-world.ts'

const FAULTS: readonly Fault[] = ['EIO', 'ENOSPC', 'short', 'crash']
const MAX_LIVES = 5
const MAX_STEPS = 40

/** A script's own source of decisions. */
interface Fate {
  chance(): number
  /** A whole number from 0 to `most`. */
  upTo(most: number): number
  oneOf<T>(choices: readonly T[]): T
}

function createFate(seed: number): Fate {
  const chance = createChance(seed)
  const upTo = (most: number): number => Math.floor(chance() * (most + 1))
  return {
    chance,
    upTo,
    oneOf: <T>(choices: readonly T[]): T => choices[upTo(choices.length - 1)] as T,
  }
}

/** A network that loses requests and answers, and a receiver that refuses in every way. */
function createNetwork(fate: Fate): Network {
  const replies: readonly Network[] = [
    UNREACHABLE,
    () => ({ failure: 'ECONNRESET' }),
    () => ({ failure: 'TIMEOUT' }),
    () => ({ statusCode: 429, body: '', retryAfter: fate.oneOf(['0', '30', '-5', 'soon']) }),
    () => ({ statusCode: fate.oneOf([401, 403, 404, 408, 418, 502, 503, 504]), body: '' }),
    // A record that is refused alone comes later than its successors: only their number may be.
    (records) => ({ statusCode: records > 3 ? 413 : 503, body: '' }),
    () => ({ statusCode: 200, body: '<html>' }),
  ]
  const failing = fate.chance()
  return (records) =>
    fate.chance() < failing ? fate.oneOf(replies)(records) : { statusCode: 200, body: '{}' }
}

interface Life {
  readonly world: SimWorld
  /**
   * Whether the power may go. In `process` mode nothing is promised of that: all are in `disk`
   * mode.
   */
  readonly isPowerCut: boolean
  /** Whether the disk keeps writes in their order when the power goes. */
  readonly isOrderly: boolean
  readonly fate: Fate
  number: number
  readonly story: string[]
}

/** What may happen in one step of a process's life. */
async function step(life: Life, process: SimProcess): Promise<void> {
  const { fate, story, world } = life
  const { disk } = world
  const event = fate.upTo(19)
  if (event <= 9) {
    for (let count = fate.upTo(6); count >= 0; count--) process.append(life.number++)
  } else if (event <= 14) {
    await process.turn(fate.oneOf([1, 20, 300, 1_000, 5_000, 60_000]))
  } else if (event === 15) {
    world.network = createNetwork(fate)
    story.push('network')
  } else if (event === 16) {
    const fault = fate.oneOf(FAULTS)
    disk.plan = { at: disk.calls + 1 + fate.upTo(40), fault }
    story.push(fault)
  } else if (event === 17) {
    disk.room = fate.chance() < 0.5 ? fate.upTo(20_000) : Infinity
    story.push(`room ${disk.room}`)
  } else if (event === 18) {
    const millis = fate.oneOf([-3_600_000, -5_000, 5_000, 3_600_000])
    process.time.setClock(millis)
    story.push(`clock ${millis}`)
  } else {
    await process.turn()
  }
}

/** One process from its start to its end: sealed, killed, or gone with the power. */
async function live(life: Life): Promise<void> {
  const { fate, story, world } = life
  const durability: Durability = life.isPowerCut ? 'disk' : fate.oneOf(['process', 'disk'])
  const process = world.start(durability)
  story.push(`start ${durability}`)
  for (let count = fate.upTo(MAX_STEPS); count > 0; count--) {
    if (world.disk.isDown || process.unusable !== undefined) break
    await step(life, process)
  }
  world.disk.room = Infinity
  const end = fate.upTo(3)
  if (end === 0 && !world.disk.isDown) {
    world.disk.plan = undefined
    await process.finish(5)
    story.push('sealed')
  }
  process.kill()
  if (end === 1 && life.isPowerCut) {
    world.disk.cutPower(() => fate.chance(), life.isOrderly)
    story.push(life.isOrderly ? 'power cut' : 'power cut out of order')
  } else story.push('killed')
}

/** Plays one run; gives what broke a promise, with the story that led there. */
export async function simulate(keys: SimKeys, seed: number): Promise<string[]> {
  const fate = createFate(seed)
  const world = new SimWorld(keys)
  const isPowerCut = fate.chance() < 0.5
  const life: Life = { world, fate, isPowerCut, isOrderly: seed % 2 === 0, number: 0, story: [] }
  for (let count = fate.upTo(MAX_LIVES - 1); count >= 0; count--) await live(life)
  const found = [
    ...world.processes.flatMap((process) => process.problems),
    ...(await world.inspect()),
  ]
  // Of a clock that was set back `verify` says that records are older than the log's certificate.
  const isBack = life.story.some((event) => event.startsWith('clock -'))
  return found
    .filter((problem) => !isBack || !problem.includes('EXPIRED_KEY'))
    .map((problem) => `seed ${seed}: ${problem} [${life.story.join(', ')}]`)
}

export async function simulateMany(runs: number, seed: number): Promise<Outcome> {
  const keys = createSimKeys()
  const problems: string[] = []
  for (let run = 0; run < runs; run++) problems.push(...(await simulate(keys, seed + run)))
  return { figures: `simulation: seeds ${seed} to ${seed + runs - 1}, ${runs} runs`, problems }
}

if (import.meta.main) {
  const { runs, seed } = readNumbers({ runs: 1_000, seed: freshSeed() })
  await runLongForm(() => simulateMany(runs, seed))
}
