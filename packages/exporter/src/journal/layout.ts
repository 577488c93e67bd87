import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { formatSegmentName, parseSegmentName } from './segment.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Where things stand: `<directory>/journal/<service>/<slot>/<log uuid>/`, as the log's origin says
 * it, holds a log's segments, `lock`, `cursor`, `envelope.json`, `registered` where a registry may
 * know it, and `end.json` once its end is known. The service is part of the place because a log may
 * only be ended by a log of the same service: two services that share a folder and a host name must
 * not adopt each other's.
 */
export function slotPath(directory: string, service: string, slot: string): string {
  return join(directory, 'journal', encodePathPart(service), encodePathPart(slot))
}

/** `encodeURIComponent`, which leaves dots alone; `.` and `..` would leave the folder. */
function encodePathPart(part: string): string {
  const encoded = encodeURIComponent(part)
  return /^\.+$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded
}

/** The name that a part of a path was made of; the part itself where it was made of none. */
export function decodePathPart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Paths of one log's files. */
export interface LogPaths {
  readonly directory: string
  readonly lock: string
  readonly cursor: string
  readonly envelope: string
  readonly end: string
  /** Origin of the log, where a registry was asked for its certificate. */
  readonly registered: string
  /** Room that is kept for records about the log itself. */
  readonly reserve: string
  /** Records that the receiver refused for good, as OTLP/JSON lines. */
  readonly rejected: string
}

export function logPaths(directory: string): LogPaths {
  return {
    directory,
    lock: join(directory, 'lock'),
    cursor: join(directory, 'cursor'),
    envelope: join(directory, 'envelope.json'),
    end: join(directory, 'end.json'),
    registered: join(directory, 'registered'),
    reserve: join(directory, 'reserve'),
    rejected: join(directory, 'rejected.ndjson'),
  }
}

export function segmentPath(logDirectory: string, firstIndex: number): string {
  return join(logDirectory, formatSegmentName(firstIndex))
}

/** Uuids of the logs of a slot, oldest first (uuid v7 sorts by time). */
export function listLogs(disk: Disk, slotDirectory: string): string[] {
  return disk.list(slotDirectory).filter((name) => UUID.test(name))
}

/** First indexes of a log's segments, ascending. */
export function listSegments(disk: Disk, logDirectory: string): number[] {
  return disk
    .list(logDirectory)
    .map(parseSegmentName)
    .filter((index) => index !== undefined)
}
