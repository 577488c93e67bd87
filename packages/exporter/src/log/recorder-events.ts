import {
  ATTR_TOKENTRAIL_CLOCK_OFFSET,
  ATTR_TOKENTRAIL_DELIVERY_DESTINATION,
  ATTR_TOKENTRAIL_DELIVERY_RECORD_IDS,
  ATTR_TOKENTRAIL_DELIVERY_STATUS_CODE,
  ATTR_TOKENTRAIL_POLICY_VERSION,
  ATTR_TOKENTRAIL_RECORDER_VERSION,
  EVENT_TOKENTRAIL_DELIVERY_REJECTED,
  EVENT_TOKENTRAIL_JOURNAL_DAMAGE,
  EVENT_TOKENTRAIL_LOG_OPEN,
  EVENT_TOKENTRAIL_RECORDER_CLOCK_STEP,
} from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'
import type { JournalDamage } from '../journal/quarantine.ts'

/** A capture hook and whether it is live. */
export interface HookState {
  /** E.g. `jose.jwtVerify`. */
  readonly name: string
  /** E.g. `live`, `inactive`. */
  readonly state: string
}

/** What record 0 says. */
export interface LogOpening {
  readonly certificate: string
  readonly pseudonymKey: { readonly id: string; readonly epoch: number }
  readonly hooks: readonly HookState[]
  readonly volume: string
  readonly recorderVersion: string
  readonly policyVersion?: string
}

/** Builds record 0. `time` here and below: nanoseconds since 1970 UTC, decimal. */
export function buildLogOpen(time: string, opening: LogOpening): RecordDraft {
  const { certificate, pseudonymKey, hooks, volume, recorderVersion, policyVersion } = opening
  return {
    type: EVENT_TOKENTRAIL_LOG_OPEN,
    time,
    attributes: {
      ...(policyVersion === undefined ? {} : { [ATTR_TOKENTRAIL_POLICY_VERSION]: policyVersion }),
      [ATTR_TOKENTRAIL_RECORDER_VERSION]: recorderVersion,
    },
    members: {
      certificate,
      pseudonymKey: { id: pseudonymKey.id, epoch: pseudonymKey.epoch },
      hooks: hooks.map(({ name, state }) => ({ name, state })),
      volume,
    },
  }
}

/** @param millis - How far the clock was set, forwards or backwards. */
export function buildClockStep(time: string, millis: number): RecordDraft {
  return {
    type: EVENT_TOKENTRAIL_RECORDER_CLOCK_STEP,
    time,
    attributes: { [ATTR_TOKENTRAIL_CLOCK_OFFSET]: millis },
  }
}

/** @param uuid - Of the log whose journal is damaged. */
export function buildJournalDamage(
  time: string,
  uuid: string,
  { segment, offset, length, firstIndex, lastIndex }: JournalDamage,
): RecordDraft {
  const hasRecords = firstIndex !== undefined && lastIndex !== undefined
  return {
    type: EVENT_TOKENTRAIL_JOURNAL_DAMAGE,
    time,
    members: {
      segment: `${uuid}/${segment}`,
      offset,
      bytes: length,
      ...(hasRecords && { firstIndex, lastIndex }),
    },
  }
}

/** @param destination - URL of the receiver, which may hold credentials: only its place is named. */
export function buildDeliveryRejected(
  time: string,
  destination: string,
  recordId: string,
  statusCode: number,
): RecordDraft {
  return {
    type: EVENT_TOKENTRAIL_DELIVERY_REJECTED,
    time,
    attributes: {
      [ATTR_TOKENTRAIL_DELIVERY_DESTINATION]: placeOf(destination),
      [ATTR_TOKENTRAIL_DELIVERY_RECORD_IDS]: [recordId],
      [ATTR_TOKENTRAIL_DELIVERY_STATUS_CODE]: statusCode,
    },
  }
}

/** A URL without user, password, query and fragment, any of which may be a credential. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
