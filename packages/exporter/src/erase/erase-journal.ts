import { basename, join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { readFully, writeDurably } from '../disk/files.ts'
import { nodeDisk } from '../disk/node-disk.ts'
import { systemErrorCode } from '../errors.ts'
import { logPaths } from '../journal/layout.ts'
import { type Lock, tryLock } from '../journal/lock.ts'
import { parseSegmentName } from '../journal/segment.ts'
import { eraseFromBytes } from './erase-frames.ts'
import { finishErasures, isErasureNote, overwriteNoted } from './erasure-note.ts'
import { eraseFromJson } from './erase-json.ts'
import type { ErasedFile, ErasedIdentities, EraseResidue, EraseResult } from './identities.ts'
import { listJournalLogs } from './journal-logs.ts'

/** Options of {@link eraseFromJournal}. */
export interface EraseJournalOptions {
  /** Only counts. Default is `false`. */
  readonly dryRun?: boolean
  /** Default is the disk of this machine. */
  readonly disk?: Disk
  /** Default is the lock of the operating system. */
  readonly takeLock?: (path: string) => Lock | undefined
}

/**
 * Deletes identity records from all logs of a journal: segments, delivered ones included, parked
 * records, and what was set aside as torn or damaged. No byte behind an identity moves, so cursors
 * and indexes hold, and every proof does, because identities are no leaves.
 *
 * In a log without a living owner, whose lock is held meanwhile, each file is put in place anew
 * (sequence of `writeDurably`); what an earlier one has left of its own on the way is removed. A
 * file that somebody may append to is written over where the identity stands, with a note of it
 * (sequence of `overwriteNoted`). After a crash at any point a second run, or whoever adopts the
 * log, ends what was begun.
 */
export function eraseFromJournal(
  directory: string,
  identities: ErasedIdentities,
  options: EraseJournalOptions = {},
): EraseResult {
  const { dryRun = false, disk = nodeDisk, takeLock = tryLock } = options
  const files: ErasedFile[] = []
  const residue: EraseResidue[] = []
  for (const log of listJournalLogs(directory, disk)) {
    const paths = logPaths(log)
    const { lock: lockFile, cursor, envelope, end, reserve } = paths
    const own = new Set([lockFile, cursor, envelope, end, reserve].map((path) => basename(path)))
    const lock = dryRun ? undefined : takeLock(paths.lock)
    try {
      if (!dryRun) attempt(log, residue, () => finishErasures(disk, log))
      for (const name of disk.list(log)) {
        const file = join(log, name)
        const isTemporary = name.endsWith('.tmp')
        // Of a dead process, and perhaps with identities in it.
        if (isTemporary && lock) attempt(file, residue, () => removeLeft(disk, file))
        if (own.has(name) || name.startsWith('lock') || isTemporary || isErasureNote(name)) continue
        const isAlive = lock === undefined && !dryRun
        eraseFromFile({ file, identities, disk, dryRun, isAlive }, files, residue)
      }
    } finally {
      lock?.release()
    }
  }
  return { files, residue }
}

/** What was to be put in place; it is gone if the same place was written again since. */
function removeLeft(disk: Disk, file: string): void {
  if (disk.stat(file)) disk.remove(file)
}

function attempt(file: string, residue: EraseResidue[], work: () => void): void {
  try {
    work()
  } catch (error) {
    residue.push({ file, reason: `cannot be erased (${systemErrorCode(error) ?? 'damaged'})` })
  }
}

interface FileTask {
  readonly file: string
  readonly identities: ErasedIdentities
  readonly disk: Disk
  readonly dryRun: boolean
  /** Somebody may append to the file. */
  readonly isAlive: boolean
}

function eraseFromFile(task: FileTask, files: ErasedFile[], residue: EraseResidue[]): void {
  const { file } = task
  attempt(file, residue, () => {
    const isText = file.endsWith('.ndjson')
    const found = isText ? eraseParked(task) : eraseBytes(task)
    if (found !== undefined) files.push({ file, ...found })
  })
}

type Outcome = Omit<ErasedFile, 'file'>

function eraseBytes({ file, identities, disk, dryRun, isAlive }: FileTask): Outcome | undefined {
  const buffer = readFully(disk, file)
  const { ranges, ...counts } = eraseFromBytes(buffer, identities)
  if (ranges.length === 0) return undefined
  const how =
    isAlive && parseSegmentName(basename(file)) !== undefined ? 'overwritten' : 'rewritten'
  if (!dryRun && how === 'overwritten') overwriteNoted(disk, file, buffer, ranges)
  else if (!dryRun) writeDurably(disk, file, buffer)
  return { ...counts, how }
}

/** Parked records: each line an OTLP/JSON log record. */
function eraseParked({ file, identities, disk, dryRun, isAlive }: FileTask): Outcome | undefined {
  const lines = readFully(disk, file).toString('utf8').split('\n')
  let count = 0
  const left = lines.map((line) => {
    const erased = eraseFromJson(line, identities.pseudonyms)
    if (erased === undefined || erased.identities === 0) return line
    count += erased.identities
    // Of the same length, because its owner may append at this moment.
    return ' '.repeat(Buffer.byteLength(line))
  })
  if (count === 0) return undefined
  const how = isAlive ? 'overwritten' : 'rewritten'
  if (!dryRun) {
    if (!isAlive)
      writeDurably(
        disk,
        file,
        left
          .filter((line) => line.trim() !== '')
          .join('\n')
          .concat('\n'),
      )
    else overwriteLines(disk, file, lines, left)
  }
  return { identities: count, blankedBytes: 0, how }
}

function overwriteLines(
  disk: Disk,
  file: string,
  lines: readonly string[],
  left: readonly string[],
): void {
  const ranges = []
  let start = 0
  for (const [at, line] of lines.entries()) {
    const end = start + Buffer.byteLength(line)
    if (left[at] !== line) ranges.push({ start, end })
    start = end + 1
  }
  overwriteNoted(disk, file, Buffer.from(left.join('\n')), ranges)
}
