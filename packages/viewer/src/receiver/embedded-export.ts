import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
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
 * they can be erased, and evidence cannot. A file that ends in half a line, after a power cut, is
 * continued on a new one.
 *
 * @throws System errors of the folder or files.
 */
export function openEmbeddedExport(directory: string): EmbeddedExport {
  mkdirSync(directory, { recursive: true })
  const records = openLines(join(directory, 'records.jsonl'))
  const identities = openLines(join(directory, 'identities.jsonl'))
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

function openLines(path: string): number {
  const file = openSync(path, 'a+', 0o600)
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE) {
    writeSync(file, '\n')
  }
  return file
}

const NEWLINE = 0x0a

/** A message that does not fit leaves nothing: it comes again, and half a line would spoil it. */
function append(file: number, message: unknown, keep: (eventName: string) => boolean): void {
  const filtered = filterOtlpLogs(message, keep)
  if (filtered === undefined) return
  const bytes = Buffer.from(`${JSON.stringify(filtered)}\n`)
  const { size } = fstatSync(file)
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
  } catch (error) {
    ftruncateSync(file, size)
    throw error
  }
}
