import type { RecordRow } from '../../src/api-types.ts'
import { explainRejection } from './rejection-words.ts'
import { describeEnd, describeStart } from './session-words.ts'

const EVENTS: { readonly [type: string]: string } = {
  'oauth.request': 'Request',
  'oauth.request.rejected': 'Refusal',
  'oauth.request.rejected.aggregate': 'Refusals, counted',
  'oauth.token.observed': 'Token first seen',
  'oauth.token.issued': 'Token issued',
  'oauth.token.refreshed': 'Token refreshed',
  'oauth.token.introspected': 'Token introspected',
  'oauth.token.revoked': 'Token revoked',
  'oauth.grant.revoked': 'Grant revoked',
  'oauth.session.start': 'Session start',
  'oauth.session.end': 'Session end',
  'oauth.client.changed': 'Client changed',
  'tokentrail.log.open': 'Log opened',
  'tokentrail.log.checkpoint': 'Checkpoint',
  'tokentrail.log.recovered': 'Log recovered',
  'tokentrail.log.close': 'Log closed',
  'tokentrail.journal.damage': 'Journal damaged',
  'tokentrail.recorder.gap': 'Gap in recording',
  'tokentrail.recorder.loss': 'Records lost',
  'tokentrail.delivery.rejected': 'Delivery refused',
  'tokentrail.subject.erased': 'Identity erased',
  'tokentrail.policy.changed': 'Policy changed',
}

/** Event names, for suggestions. */
export const EVENT_NAMES: readonly string[] = Object.keys(EVENTS)

/** Events that refuse a request. */
export const REFUSAL_EVENTS: readonly string[] = [
  'oauth.request.rejected',
  'oauth.request.rejected.aggregate',
]

/** What stands out about a record, for its colour and its marker. */
export type RecordTone = 'allow' | 'deny' | 'fail' | 'session' | 'token' | 'recorder'

/** Whether method and outcome say it all, so that the event's title would only repeat them. */
export function isPlainRequest(record: RecordRow): boolean {
  return (
    record.method !== null &&
    (record.type === 'oauth.request' || record.type === 'oauth.request.rejected')
  )
}

/** Title of an event; one without words keeps its name. */
export function describeEvent(type: string): string {
  return (Object.hasOwn(EVENTS, type) ? EVENTS[type] : undefined) ?? type
}

/** Says which tone a record has. An allowed request that failed is neither refused nor fine. */
export function toneOf(record: RecordRow): RecordTone {
  if (record.decision === 'deny' || REFUSAL_EVENTS.includes(record.type)) return 'deny'
  if (record.type === 'oauth.request') return (record.status ?? 500) >= 400 ? 'fail' : 'allow'
  if (record.type.startsWith('oauth.session.')) return 'session'
  return record.type.startsWith('oauth.') ? 'token' : 'recorder'
}

/** Sums one record up in a sentence. */
export function describeRecord(record: RecordRow): string {
  const who = record.user?.name ?? record.user?.hash ?? record.client ?? 'Somebody unproven'
  const what = [record.method, record.route].filter((part) => part !== null).join(' ')
  switch (toneOf(record)) {
    case 'deny': {
      const words = explainRejection(record.reason)
      return `${who} was refused ${what === '' ? 'at this service' : what}. ${words.sentence}`
    }
    case 'allow':
      return `${who} was allowed ${what}, and the request succeeded.`
    case 'fail':
      return record.status === null
        ? `${who} was allowed ${what}, but the response never finished: its outcome is unknown.`
        : `${who} was allowed ${what}, but the request failed with status ${record.status}.`
    case 'session':
      return describeBoundary(record, who)
    case 'token':
    case 'recorder':
      return `${describeEvent(record.type)}${record.client === null ? '' : `, client ${record.client}`}.`
  }
}

function describeBoundary(record: RecordRow, who: string): string {
  const boundary = { time: record.time, reason: record.reason ?? 'unknown', derived: false }
  return record.type === 'oauth.session.start'
    ? `The session of ${who} started: ${describeStart(boundary)}.`
    : `The session of ${who} ended: ${describeEnd(boundary)}.`
}
