import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { loadPseudonymKey } from '@tokentrail/exporter'
import { formatPseudonymKey } from '@tokentrail/session'
import { loadErasureKeys, recordErasure } from '../erasure/erasure-log.ts'
import { CliError } from '../errors.ts'
import type { Io } from '../io.ts'
import { listPseudonymFiles, keySetPaths } from './key-set.ts'
import { rotateKey } from './rotate-keys.ts'

/** Kinds of identity that a pseudonym key makes. */
const KINDS = ['sub', 'sid', 'address', 'user_agent']

/**
 * Destroys the pseudonym key of an epoch, the erasure of last resort, and records it. The file is
 * overwritten before it is removed; on journalling, copy-on-write or flash storage old blocks may
 * remain, so keys belong on an encrypted volume.
 *
 * @throws {CliError} `ERR_CLI_INPUT` where there is no such epoch
 */
export async function destroyEpoch(
  folder: string,
  epoch: number,
  io: Io,
): Promise<readonly string[]> {
  const { pseudonym } = keySetPaths(folder)
  const find = (): string | undefined =>
    listPseudonymFiles(folder).find((file) => loadPseudonymKey(file).epoch === epoch)
  const inUse = find()
  if (inUse === undefined) {
    throw new CliError('ERR_CLI_INPUT', `${folder} has no pseudonym key of epoch ${epoch}`)
  }
  const { id } = loadPseudonymKey(inUse)
  const keys = loadErasureKeys(io)
  const seconds = Number(io.unixNanos() / 1_000_000_000n)
  // Rotation puts another file in its place, under whose name nobody reaches the old blocks.
  const descriptor = openSync(inUse, 'r+')
  let rotated: readonly string[] = []
  try {
    if (inUse === pseudonym) rotated = rotateKey(folder, 'pseudonym', seconds)
    overwriteKey(descriptor)
  } finally {
    closeSync(descriptor)
  }
  for (let file = find(); file !== undefined; file = find()) {
    destroyFile(file)
  }
  const key = formatPseudonymKey(id, epoch)
  const statement = { reason: 'epoch_destroyed', kinds: KINDS, pseudonyms: [], key }
  const { log, delivered } = await recordErasure(statement, keys, io)
  return [
    ...rotated,
    `The pseudonym key of epoch ${epoch} is destroyed here. Destroy every other copy: Secrets, ` +
      'mounted volumes, backups.',
    `Recorded in the log ${log}${delivered ? '' : ', not delivered yet'}.`,
    existsSync(pseudonym) ? '' : 'There is no key in use any more.',
  ].filter((sentence) => sentence !== '')
}

function destroyFile(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    overwriteKey(descriptor)
  } finally {
    closeSync(descriptor)
  }
  rmSync(file)
}

/**
 * Writes over the secret where it stands: a new file in its place would leave the old blocks as
 * they are. Sequence: `pwrite → fsync`. The file still names its epoch, so that a run which is
 * interrupted here can be repeated.
 */
function overwriteKey(descriptor: number): void {
  const text = readFileSync(descriptor, 'utf8')
  const left = text.replace(/(?<="k"\s*:\s*")[\w-]+/, (key) => 'A'.repeat(key.length))
  writeSync(descriptor, Buffer.from(left), 0, undefined, 0)
  fsyncSync(descriptor)
}
