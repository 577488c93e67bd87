import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { listJournalLogs, readExport, readJournalLog } from '@tokentrail/exporter'
import { readStoreTexts } from '@tokentrail/viewer'
import { explainFileFault } from '../named-file.ts'

/** A place that holds records. */
export interface HoldingStore {
  /** Journal of a `TOKENTRAIL_DIR`, store of a viewer, or files of an export. */
  readonly kind: 'journal' | 'viewer' | 'export'
  readonly path: string
}

/** A canonical text of a store. */
export interface HeldText {
  readonly kind: 'record' | 'identity'
  readonly text: string
}

/**
 * Says what lies at a path: a folder with a `journal` (as `TOKENTRAIL_DIR` is one), with the
 * viewer's folder in it or being it; a viewer's store; else an export.
 *
 * @throws {CliError} `ERR_CLI_INPUT` when nothing is there
 */
export function classifyStore(path: string): readonly HoldingStore[] {
  const kind = kindOfFile(path)
  if (kind !== undefined) return [{ kind, path }]
  const stores = [path, join(path, 'viewer')].flatMap((folder): HoldingStore[] => [
    ...(existsSync(join(folder, 'journal')) ? [{ kind: 'journal', path: folder } as const] : []),
    ...(existsSync(join(folder, 'store.sqlite'))
      ? [{ kind: 'viewer', path: join(folder, 'store.sqlite') } as const]
      : []),
  ])
  return stores.length > 0 ? stores : [{ kind: 'export', path }]
}

/**
 * Reads every text of a store.
 *
 * @param onUnreadable - Told of what of an export cannot be read.
 */
export async function* readHeldTexts(
  { kind, path }: HoldingStore,
  onUnreadable: (file: string) => void,
): AsyncGenerator<HeldText> {
  if (kind === 'journal') {
    for (const log of listJournalLogs(path)) yield* readJournalLog(log)
  } else if (kind === 'viewer') {
    yield* readStoreTexts(path)
  } else {
    for await (const { body } of readExport([path], {
      onUnreadable: ({ file }) => onUnreadable(file),
    })) {
      yield { kind: isIdentity(body) ? 'identity' : 'record', text: body }
    }
  }
}

function isIdentity(text: string): boolean {
  return text.includes('"type":"tokentrail.identity"')
}

/** What a file is; nothing for a folder. */
function kindOfFile(path: string): HoldingStore['kind'] | undefined {
  try {
    if (statSync(path).isDirectory()) return undefined
    return isDatabase(path) ? 'viewer' : 'export'
  } catch (error) {
    throw explainFileFault('the store', path, 'read', error)
  }
}

function isDatabase(path: string): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(15)
    readSync(descriptor, head, 0, head.length, 0)
    return head.toString('latin1') === 'SQLite format 3'
  } finally {
    closeSync(descriptor)
  }
}
