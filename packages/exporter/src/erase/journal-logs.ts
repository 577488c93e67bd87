import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { readFully } from '../disk/files.ts'
import { nodeDisk } from '../disk/node-disk.ts'
import { frameText } from '../journal/frame.ts'
import { listLogs, listSegments, segmentPath } from '../journal/layout.ts'
import { scanFrames } from '../journal/scan.ts'
import { SEGMENT_HEADER_BYTES } from '../journal/segment.ts'

/** Directories of all logs of a journal, whoever wrote them: `<directory>/journal/…`. */
export function listJournalLogs(directory: string, disk: Disk = nodeDisk): readonly string[] {
  const below = (folder: string): string[] =>
    disk
      .list(folder)
      .map((name) => join(folder, name))
      .filter((path) => disk.stat(path)?.isDirectory === true)
  return below(join(directory, 'journal'))
    .flatMap(below)
    .flatMap((slot) => listLogs(disk, slot).map((uuid) => join(slot, uuid)))
}

/** A frame of a journal as it goes on the wire. */
export interface JournalText {
  readonly kind: 'record' | 'identity'
  /** Canonical text. */
  readonly text: string
  /** OTLP/JSON LogRecord. */
  readonly json: string
}

/** Reads what a log's directory holds, segment by segment; what cannot be read is passed over. */
export function* readJournalLog(
  logDirectory: string,
  disk: Disk = nodeDisk,
): Generator<JournalText> {
  for (const first of listSegments(disk, logDirectory)) {
    const buffer = readFully(disk, segmentPath(logDirectory, first))
    for (const found of scanFrames(buffer, SEGMENT_HEADER_BYTES, first)) {
      if (found.type !== 'frame' || found.frame.kind === 'erased') continue
      const { kind, start, end } = found.frame
      const json = buffer.toString('utf8', start, end)
      yield { kind, text: frameText(buffer, found.frame), json }
    }
  }
}
