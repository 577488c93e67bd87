/**
 * Every bit of a small journal turned over, and every file cut off at every byte: segments with
 * their heads, records and identities, the cursor, the envelope. What the next process delivers is
 * what was written, byte by byte, and where anything is absent it says so in a signed record.
 *
 *     node test/faults/bit-flips.ts [--stride 1] [--offset 0]
 *
 * Half an hour for all; the strides of 8 with the offsets 0 to 7 are all of it too, in eight
 * processes.
 */
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import type { SimDisk } from './support/sim-disk.ts'
import {
  ACCEPTING,
  type SimKeys,
  SimWorld,
  UNREACHABLE,
  createSimKeys,
} from './support/sim-world.ts'

const EVENT_DAMAGE = 'tokentrail.journal.damage'

/** A process was killed that had delivered a part of a log of two segments. */
async function buildWorld(keys: SimKeys): Promise<SimWorld> {
  const world = new SimWorld(keys)
  const process = world.start('disk')
  for (let number = 0; number < 2; number++) process.append(number)
  await process.turn()
  await process.turn()
  world.network = UNREACHABLE
  for (let number = 2; number < 9; number++) process.append(number)
  await process.turn(1_200)
  await process.turn()
  process.kill()
  return world
}

/** What a sound disk would have had delivered, by the record's id. */
async function deliverSoundly(base: SimWorld, keys: SimKeys): Promise<Map<string, string>> {
  const world = base.copy(keys)
  const problems = await world.inspect()
  if (problems.length > 0) throw new Error(`the sound journal: ${problems.join('; ')}`)
  const [process] = base.processes
  return new Map(
    world.accepted
      .filter(({ uid }) => uid.startsWith(process?.origin ?? '?'))
      .map(({ uid, text }) => [uid, text]),
  )
}

/** Damages a copy, has it adopted and delivered, and judges what came. */
async function tryDamage(
  base: SimWorld,
  keys: SimKeys,
  sound: ReadonlyMap<string, string>,
  damage: (disk: SimDisk) => void,
): Promise<string[]> {
  const world = base.copy(keys)
  world.network = ACCEPTING
  damage(world.disk)
  const found = await world.inspect()
  const texts = new Map(world.accepted.map(({ uid, text }) => [uid, text]))
  const [process] = base.processes
  const wrong = [...texts]
    .filter(([uid]) => uid.startsWith(process?.origin ?? '?'))
    .filter(([uid, text]) => sound.get(uid) !== text)
  const absent = [...sound].filter(([uid]) => !texts.has(uid))
  const health = world.processes.at(-1)?.health ?? []
  const isTold = world.arrivals.types.has(EVENT_DAMAGE) || health.includes('adoption-failed')
  // A frame that is torn at the very end was never whole for all that anybody knows.
  const size = process === undefined ? 0 : world.arrivals.logOf(process.origin).size
  const isPrefix = absent.every(([uid]) => indexOf(uid) >= size)
  const isSilent = !isTold && !isPrefix
  return [
    ...wrong.map(([uid]) => `${uid} was delivered with another text`),
    ...(isSilent ? [`${absent.length} absent, and nothing said: ${found.join('; ')}`] : []),
    ...judgeFindings(
      found,
      absent.map(([uid]) => indexOf(uid)),
    ),
  ]
}

const indexOf = (uid: string): number => Number(uid.split('.').at(-1))

/** What is said of damage: by `fsck`, and of records that are absent. Nothing else may be found. */
const SAID =
  /^fsck: .* (are no frame|are missing)$|^acknowledged and absent|came where|^verify: MISSING /

/** Nothing is passed over that has arrived, or was never there. */
function judgeFindings(found: readonly string[], absent: readonly number[]): string[] {
  const passed = found.flatMap((problem) => {
    const [, next, due] = /(\d+) came where (\d+) was due$/.exec(problem) ?? []
    const from = Number(due ?? 0)
    return Array.from({ length: Number(next ?? 0) - from }, (_, order) => from + order)
  })
  const extra = passed.filter((index) => !absent.includes(index))
  return [
    ...found.filter((problem) => !SAID.test(problem)),
    ...(extra.length === 0 ? [] : [`${extra.join(', ')} passed over, and not absent`]),
  ]
}

export async function damageEverything(stride: number, offset = 0): Promise<Outcome> {
  const keys = createSimKeys()
  const base = await buildWorld(keys)
  const sound = await deliverSoundly(base, keys)
  const files = base.disk
    .files()
    .filter(({ path }) => !path.endsWith('/reserve') && !path.includes('/keys/'))
  const problems: string[] = []
  let tried = 0
  let turn = 0
  const attempt = async (what: string, damage: (disk: SimDisk) => void): Promise<void> => {
    if (turn++ % stride !== offset) return
    tried++
    const found = await tryDamage(base, keys, sound, damage)
    problems.push(...found.map((problem) => `${what}: ${problem}`))
  }
  for (const { path, size } of files) {
    const name = path.split('/').slice(-1).join('')
    for (let bit = 0; bit < size * 8; bit++) {
      await attempt(`bit ${bit} of ${name}`, (disk) => disk.flip(path, bit))
    }
    // Only the last segment can be torn by a death; any file by a power cut before its flush.
    for (let length = 0; length < size; length++) {
      await attempt(`${name} cut to ${length}`, (disk) => disk.tear(path, length))
    }
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return {
    figures: `bit flips: ${tried} of ${turn} in ${files.length} files of ${bytes} bytes`,
    problems,
  }
}

if (import.meta.main) {
  const { offset, stride } = readNumbers({ stride: 1, offset: 0 })
  await runLongForm(() => damageEverything(stride, offset))
}
