import { constants } from 'node:os'

/** Codes of {@link ExporterError}; never renamed. */
export type ExporterErrorCode =
  | 'ERR_EXPORTER_DELIVERY_FAILED'
  | 'ERR_EXPORTER_DIRECTORY_UNUSABLE'
  | 'ERR_EXPORTER_EXPORT_UNREADABLE'
  | 'ERR_EXPORTER_JOURNAL_UNREADABLE'
  | 'ERR_EXPORTER_JOURNAL_WRITE_FAILED'
  | 'ERR_EXPORTER_KEY_MALFORMED'
  | 'ERR_EXPORTER_KEY_UNREADABLE'
  | 'ERR_EXPORTER_LOG_LOCKED'
  | 'ERR_EXPORTER_RECORD_TOO_LARGE'

/**
 * Thrown when the world does not allow what was asked: a key file, a folder, an export. Switch on
 * {@link ExporterError.code}. Its message names paths and remedies, never a key or a record.
 */
export class ExporterError extends Error {
  override readonly name: string = 'ExporterError'
  readonly code: ExporterErrorCode

  constructor(code: ExporterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What Node calls an error that libuv has no name for, `EDQUOT` (a used-up quota) for one. */
const UNNAMED = /^(?:UNKNOWN|Unknown system error.*)$/

/**
 * Reads the system error code (`ENOSPC`, `EEXIST` …) of something caught.
 *
 * @returns The code, or `undefined` for anything that is no system error.
 */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (typeof error.code !== 'string') return undefined
  const isUnnamed = UNNAMED.test(error.code) && 'errno' in error
  return isUnnamed ? (nameOfErrno(error.errno) ?? error.code) : error.code
}

function nameOfErrno(errno: unknown): string | undefined {
  return Object.entries(constants.errno).find(([, number]) => -number === errno)?.[0]
}
