import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { filterOtlpLogs } from './otlp.ts'

/** Writes what the viewer receives to files, where no collector does. */
export interface EmbeddedExport {
  /** Appends one OTLP message, synchronously: when it returns the kernel has the bytes. */
  readonly write: (message: unknown) => void
  /** Syncs and closes the files. Idempotent. */
  readonly close: () => void
}

const OURS = /^(?:oauth|tokentrail)\./
const IDENTITY = 'tokentrail.identity'

/**
 * Opens `records.jsonl` (everything but identities) and `identities.jsonl` in a folder: one OTLP
 * JSON message per line, as the collector's file exporter writes. Identities stand apart because
 * they can be erased, and evidence cannot.
 *
 * @throws System errors of the folder or files.
 */
export function openEmbeddedExport(directory: string): EmbeddedExport {
  mkdirSync(directory, { recursive: true })
  const records = openSync(join(directory, 'records.jsonl'), 'a', 0o600)
  const identities = openSync(join(directory, 'identities.jsonl'), 'a', 0o600)
  let isOpen = true
  return {
    write(message) {
      append(records, message, (name) => OURS.test(name) && name !== IDENTITY)
      append(identities, message, (name) => name === IDENTITY)
    },
    close() {
      if (!isOpen) return
      isOpen = false
      for (const file of [records, identities]) {
        fsyncSync(file)
        closeSync(file)
      }
    },
  }
}

function append(file: number, message: unknown, keep: (eventName: string) => boolean): void {
  const filtered = filterOtlpLogs(message, keep)
  if (filtered === undefined) return
  const bytes = Buffer.from(`${JSON.stringify(filtered)}\n`)
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
