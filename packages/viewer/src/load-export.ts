import { readExport, type ReadExportOptions } from '@tokentrail/exporter'
import type { AppendResult, IncomingText, Store } from './store/store.ts'

/** Records taken in by one transaction. */
const BATCH_RECORDS = 5000

/** What became of the records of an export. */
export type LoadResult = Omit<AppendResult, 'problem'>

/**
 * Loads an export (files and folders of OTLP JSON lines, also gzipped) into a store, so that it is
 * searched like the viewer's own.
 *
 * @param options - `onUnreadable` is told of lines that cannot be read; default is to throw.
 * @throws ExporterError when a path cannot be read.
 */
export async function loadExport(
  store: Store,
  paths: readonly string[],
  options: ReadExportOptions = {},
): Promise<LoadResult> {
  const total = {
    stored: 0,
    identities: 0,
    duplicates: 0,
    conflicts: 0,
    foreign: 0,
    unreadable: 0,
  }
  let batch: IncomingText[] = []
  const flush = (): void => {
    const result = store.append(batch)
    for (const name of Object.keys(total) as (keyof LoadResult)[]) total[name] += result[name]
    batch = []
  }
  for await (const { body, eventName } of readExport(paths, options)) {
    batch.push({ text: body, eventName })
    if (batch.length === BATCH_RECORDS) flush()
  }
  flush()
  return total
}
