import { RecordingError } from './errors.ts'

/** Oldest Node.js with synchronous module hooks, `node:sqlite` and all else that recording needs. */
const OLDEST = [22, 15] as const

/**
 * Checks that recording can work here, before anything else fails in a way that explains nothing.
 *
 * @throws {RecordingError} `ERR_NODE_VERSION_UNSUPPORTED`
 */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new RecordingError(
    'ERR_NODE_VERSION_UNSUPPORTED',
    `Node.js ${version} is too old. Run the application on ${OLDEST.join('.')} or newer.`,
  )
}
