/**
 * Disks that really fail under a process that records: one that is full for a while (tmpfs, ext4),
 * one whose blocks cannot be written for a while (EIO at the flush), a segment that may not be
 * written for a while (EPERM), and a file system that an error turns read-only, for good. What
 * cannot be kept is said in the log, to the record; everything else arrives.
 *
 *     sudo node test/faults/real-disk.ts [--rounds 10]
 *
 * Needs root, loop devices, `mkfs.ext4`, `chattr`. There is no form in which a file system is
 * mounted read-only and then writable again: Linux refuses the first while files are open for
 * writing (EBUSY), and the second once an error has done it.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Disturbance,
  ENDINGS,
  type Ending,
  type Scene,
  disturbIn,
} from './support/disturbed.ts'
import { inFolder } from './support/folder.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import {
  type SmallDisk,
  mountExt4,
  mountStarvedExt4,
  mountTmpfs,
  setImmutable,
  triggerError,
} from './support/small-disk.ts'
import { until } from './support/until.ts'

/** A fault of a disk, and the disk. */
export interface DiskFault {
  readonly name: string
  readonly mount: (folder: string) => SmallDisk | Promise<SmallDisk>
  readonly disturb: (scene: Scene, disk: SmallDisk) => Promise<void>
  readonly told: Disturbance['told']
  readonly perhapsTold?: Disturbance['perhapsTold']
  readonly excused?: RegExp
  /** Whether nothing can be kept on it any more: then nothing more can be said there either. */
  readonly isForGood?: boolean
  /** Ways to end in which its promises hold; default is all. */
  readonly endings?: readonly Ending[]
}

const TMPFS_BYTES = 1024 * 1024

const hasHeard = ({ writer }: Scene, kind: string): boolean =>
  writer.health.some((line) => line.startsWith(`${kind}:`))

const hears = (scene: Scene, kind: string): Promise<void> =>
  until(`the operator hears ${kind}`, () => hasHeard(scene, kind))

/** Until records have been lost for a while, and are kept again. */
async function full(scene: Scene, disk: SmallDisk): Promise<void> {
  disk.fill()
  await hears(scene, 'journal-failed')
  await until('records are lost', () => scene.writer.lost > 50)
  disk.free()
  await hears(scene, 'journal-restored')
}

async function unwritable(scene: Scene): Promise<void> {
  const segments = readdirSync(scene.log).filter((name) => name.endsWith('.seg'))
  const last = join(scene.log, segments.sort().at(-1) ?? '')
  setImmutable(last, true)
  await hears(scene, 'journal-failed')
  await until('records are lost', () => scene.writer.lost > 50)
  setImmutable(last, false)
  await hears(scene, 'journal-restored')
}

const FULL: Disturbance['told'] = ['journal-failed', 'journal-restored']

export const DISK_FAULTS: readonly DiskFault[] = [
  {
    name: 'a disk in memory is full for a while',
    mount: (folder) => mountTmpfs(folder, TMPFS_BYTES),
    disturb: full,
    told: FULL,
  },
  { name: 'an ext4 is full for a while', mount: mountExt4, disturb: full, told: FULL },
  {
    name: 'blocks cannot be written for a while',
    mount: mountStarvedExt4,
    disturb: async (scene, disk) => {
      disk.fill()
      await hears(scene, 'journal-not-synced')
      disk.free()
    },
    told: ['journal-not-synced'],
  },
  {
    name: 'a segment may not be written for a while',
    mount: mountExt4,
    disturb: unwritable,
    told: FULL,
  },
  {
    name: 'an error turns the file system read-only',
    mount: mountExt4,
    disturb: async (scene, disk) => {
      triggerError(disk.path)
      await hears(scene, 'journal-failed')
      await until('records are lost', () => scene.writer.lost > 50)
    },
    told: ['journal-failed'],
    perhapsTold: ['journal-not-synced', 'delivery-failed'],
    isForGood: true,
    // ext4 answers a flush by success when it has just gone read-only: what was delivered on the
    // strength of that lies behind the end that the disk has.
    excused: /\bINSERTED\b/,
    // What no flush had brought to the disk is gone, as when the power goes.
    endings: ENDINGS.filter(({ durability }) => durability === 'disk'),
  },
]

async function tryMount({ mount }: DiskFault, folder: string): Promise<SmallDisk | undefined> {
  try {
    return await mount(folder)
  } catch {
    return undefined
  }
}

/** @returns `undefined` where no such disk can be mounted. */
export async function tryDiskFault(
  fault: DiskFault,
  ending: Ending,
): Promise<string[] | undefined> {
  return inFolder(async (folder) => {
    const disk = await tryMount(fault, folder)
    if (!disk) return undefined
    const { excused = /^never/, isForGood = false, name, perhapsTold = [], told } = fault
    const disturbance: Disturbance = {
      name,
      told,
      perhapsTold,
      excused,
      isForGood,
      disturb: (scene) => fault.disturb(scene, disk),
    }
    try {
      return await disturbIn(join(disk.path, 'data'), folder, disturbance, ending, async () => {
        if (isForGood) await disk.restart()
      })
    } finally {
      disk.free()
      await disk.remove()
    }
  })
}

export async function failDisks(rounds: number): Promise<Outcome> {
  const problems: string[] = []
  let tried = 0
  let skipped = 0
  for (let round = 0; round < rounds; round++) {
    for (const fault of DISK_FAULTS) {
      for (const ending of fault.endings ?? ENDINGS) {
        const found = await tryDiskFault(fault, ending)
        if (found === undefined) skipped++
        else tried++
        for (const problem of found ?? []) console.log(problem)
        problems.push(...(found ?? []))
      }
    }
  }
  return { figures: `real disks: ${tried} faults, ${skipped} skipped`, problems }
}

if (import.meta.main) {
  const { rounds } = readNumbers({ rounds: 10 })
  await runLongForm(() => failDisks(rounds))
}
