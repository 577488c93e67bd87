import { isEqualBytes } from '../bytes.ts'
import { emptyRoot } from '../hash.ts'
import type { Recovery } from '../recovered-record.ts'

/**
 * Does a successor say of a log that it left no record? A process registers its log before it
 * writes record 0, and may die in between; whoever takes over the slot finds the folder empty and
 * says so: size 0, and the root over no leaves (RFC 6962 §2.1). Only a log of the same service and
 * slot can have found it.
 *
 * @param origin - Who speaks.
 */
export function saysUnbegun(recovery: Recovery, origin: string): boolean {
  const { prevLog, prevSize, prevRoot, lastSignedSize, tail } = recovery
  if (prevSize !== 0 || lastSignedSize !== 0 || tail !== undefined) return false
  return (
    isEqualBytes(prevRoot, emptyRoot()) && origin !== prevLog && slotOf(origin) === slotOf(prevLog)
  )
}

/** `<service>/<slot>` of an origin. */
function slotOf(origin: string): string {
  return origin.split('/', 2).join('/')
}
