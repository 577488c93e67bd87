import { fsyncSync } from 'node:fs'
import { RecordingError } from './errors.ts'

/** No file has this descriptor: the call fails, and the code says for which of two reasons. */
const NO_DESCRIPTOR = 0x7fffffff

/**
 * Checks that records can be made safe here. Under Node's permission model (`--permission`) some
 * versions refuse `fsync` whatever was allowed, and nothing that is named by an error further on
 * would help.
 *
 * @param sync - Only tests give it.
 * @throws {RecordingError} `ERR_NODE_PERMISSION_MODEL`
 */
export function checkPermissionModel(sync: (descriptor: number) => void = fsyncSync): void {
  try {
    sync(NO_DESCRIPTOR)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED') return
    throw new RecordingError(
      'ERR_NODE_PERMISSION_MODEL',
      `Node.js ${process.versions.node} refuses fsync under its permission model. ` +
        'Run the application without --permission, or on a version that has no such rule.',
    )
  }
}
