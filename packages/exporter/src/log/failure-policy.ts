/**
 * What happens when a record cannot be kept, because the disk is full, fails, or the folder has
 * reached its cap:
 *
 * - `drop-and-record`: the record is dropped and counted, and a signed `tokentrail.recorder.loss`
 *   says how many were lost, from when to when and why;
 * - `block`: the response waits, up to a limit, for the record to be kept; then as above;
 * - `fail-closed`: requests that present a token are refused with 503 before the application sees
 *   them, until records can be kept again. What was being served is kept in the reserve.
 */
export type FailurePolicy = (typeof FAILURE_POLICIES)[number]

export const FAILURE_POLICIES = ['drop-and-record', 'block', 'fail-closed'] as const
