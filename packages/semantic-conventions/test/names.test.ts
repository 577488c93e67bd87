import { describe, expect, it } from 'vitest'
import * as conventions from '../src/index.ts'

// Names are evidence and stored for years: they are only added or deprecated, never renamed. A change
// here says that one was.
const FROZEN_ATTRIBUTES = [
  'client.address',
  'client.port',
  'compliance.classification',
  'compliance.framework',
  'compliance.legal_hold',
  'compliance.retention',
  'error.type',
  'geo.country.iso_code',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'log.record.uid',
  'oauth.actor.chain',
  'oauth.actor.client.id',
  'oauth.actor.subject',
  'oauth.authentication.context_class',
  'oauth.authentication.methods',
  'oauth.authentication.time',
  'oauth.authorization_details.types',
  'oauth.client.auth_method',
  'oauth.client.id',
  'oauth.decision',
  'oauth.error.code',
  'oauth.fapi.interaction_id',
  'oauth.grant.id',
  'oauth.grant.type',
  'oauth.issuer',
  'oauth.missing_scopes',
  'oauth.oidc.session.id',
  'oauth.rejection.reason',
  'oauth.required_scopes',
  'oauth.session.derivation',
  'oauth.session.derived',
  'oauth.session.end_reason',
  'oauth.session.first_seen',
  'oauth.session.id',
  'oauth.session.previous_id',
  'oauth.session.start_reason',
  'oauth.tenant.id',
  'oauth.token.algorithm',
  'oauth.token.audiences',
  'oauth.token.binding.method',
  'oauth.token.binding.thumbprint',
  'oauth.token.expires_at',
  'oauth.token.fingerprint',
  'oauth.token.format',
  'oauth.token.id',
  'oauth.token.issued_at',
  'oauth.token.key.id',
  'oauth.token.not_before',
  'oauth.token.parent.fingerprint',
  'oauth.token.parent.type',
  'oauth.token.scopes',
  'oauth.token.subject',
  'oauth.token.subject_type',
  'oauth.token.type',
  'oauth.validation.method',
  'security_rule.name',
  'security_rule.ruleset.name',
  'security_rule.uuid',
  'security_rule.version',
  'session.id',
  'tokentrail.aggregate.count',
  'tokentrail.aggregate.from',
  'tokentrail.aggregate.to',
  'tokentrail.alert.id',
  'tokentrail.alert.record_ids',
  'tokentrail.alert.severity',
  'tokentrail.capture.hook',
  'tokentrail.client.asn',
  'tokentrail.clock.offset',
  'tokentrail.delivery.destination',
  'tokentrail.delivery.record_ids',
  'tokentrail.delivery.status_code',
  'tokentrail.erasure.id',
  'tokentrail.erasure.reason',
  'tokentrail.evidence.action',
  'tokentrail.evidence.count',
  'tokentrail.evidence.filter',
  'tokentrail.gap.from',
  'tokentrail.gap.reason',
  'tokentrail.gap.to',
  'tokentrail.identity.issuer',
  'tokentrail.identity.key',
  'tokentrail.identity.kind',
  'tokentrail.identity.pseudonym',
  'tokentrail.identity.value',
  'tokentrail.leaf',
  'tokentrail.loss.count',
  'tokentrail.loss.from',
  'tokentrail.loss.reason',
  'tokentrail.loss.to',
  'tokentrail.policy.previous_version',
  'tokentrail.policy.version',
  'tokentrail.recorder.version',
  'tokentrail.response.streaming',
  'tokentrail.session.record_ids',
  'tokentrail.truncated',
  'url.path',
  'user.email',
  'user.full_name',
  'user.hash',
  'user.id',
  'user.name',
  'user.roles',
  'user_agent.name',
  'user_agent.original',
]

const FROZEN_EVENTS = [
  'oauth.request',
  'oauth.request.rejected',
  'oauth.request.rejected.aggregate',
  'oauth.token.observed',
  'oauth.token.issued',
  'oauth.token.refreshed',
  'oauth.token.introspected',
  'oauth.token.revoked',
  'oauth.grant.revoked',
  'oauth.session.start',
  'oauth.session.end',
  'oauth.client.changed',
  'tokentrail.identity',
  'tokentrail.log.open',
  'tokentrail.log.checkpoint',
  'tokentrail.log.recovered',
  'tokentrail.log.close',
  'tokentrail.log.witness',
  'tokentrail.log.timestamp',
  'tokentrail.journal.damage',
  'tokentrail.registry.log',
  'tokentrail.registry.head',
  'tokentrail.recorder.gap',
  'tokentrail.recorder.loss',
  'tokentrail.recorder.clock_step',
  'tokentrail.delivery.rejected',
  'tokentrail.alert.raised',
  'tokentrail.alert.acknowledged',
  'tokentrail.alert.resolved',
  'tokentrail.subject.erased',
  'tokentrail.evidence.read',
  'tokentrail.policy.changed',
]

const FROZEN_VALUES = {
  DECISIONS: ['allow', 'deny'],
  GAP_REASONS: ['paused', 'hook_inactive', 'internal_error', 'journal_unavailable'],
  IDENTITY_KINDS: ['sub', 'address', 'user_agent', 'sid'],
  LOSS_REASONS: ['disk_full', 'byte_cap', 'damaged_segment', 'unknown'],
  REJECTION_REASONS: [
    'missing',
    'malformed',
    'expired',
    'not_yet_valid',
    'revoked',
    'inactive',
    'bad_signature',
    'key_not_found',
    'wrong_issuer',
    'wrong_audience',
    'wrong_type',
    'wrong_claim',
    'algorithm_not_allowed',
    'binding_mismatch',
    'proof_invalid',
    'proof_replayed',
    'nonce_required',
    'insufficient_scope',
    'insufficient_authentication',
    'policy_denied',
    'reused',
    'invalid_grant',
    'client_rejected',
    'scope_refused',
    'unsupported',
    'interaction_required',
    'verifier_unavailable',
    'unknown',
  ],
  SESSION_DERIVATIONS: ['sid', 'grant', 'auth_time', 'token'],
  SESSION_END_REASONS: [
    'logout',
    'backchannel_logout',
    'revoked',
    'replaced',
    'expired',
    'idle',
    'unknown',
  ],
  SESSION_START_REASONS: ['issuance', 'auth_time', 'first_seen'],
  TOKEN_BINDING_METHODS: ['none', 'dpop', 'mtls'],
  TOKEN_FORMATS: ['jwt', 'opaque'],
  TOKEN_PARENT_TYPES: [
    'access_token',
    'refresh_token',
    'id_token',
    'authorization_code',
    'device_code',
    'unknown',
  ],
  TOKEN_SUBJECT_TYPES: ['user', 'client', 'agent', 'unknown'],
  TOKEN_TYPES: [
    'access_token',
    'refresh_token',
    'id_token',
    'authorization_code',
    'device_code',
    'logout_token',
    'unknown',
  ],
  VALIDATION_METHODS: ['jwt', 'introspection', 'lookup', 'recorder'],
}

const FROZEN_SEVERITIES = {
  'oauth.request.rejected': 13,
  'oauth.request.rejected.aggregate': 13,
  'oauth.client.changed': 13,
  'tokentrail.log.checkpoint': 5,
  'tokentrail.log.recovered': 13,
  'tokentrail.journal.damage': 17,
  'tokentrail.recorder.clock_step': 13,
  'tokentrail.recorder.gap': 17,
  'tokentrail.recorder.loss': 17,
  'tokentrail.delivery.rejected': 13,
  'tokentrail.alert.raised': 13,
  'tokentrail.policy.changed': 13,
}

function exportsWith(prefix: string): string[] {
  return Object.entries(conventions)
    .filter(([name]) => name.startsWith(prefix))
    .map(([, value]) => value as string)
}

describe('frozen names', () => {
  it('keeps every attribute name', () => {
    expect(Object.keys(conventions.ATTRIBUTES).sort()).toEqual(FROZEN_ATTRIBUTES)
  })

  it('keeps every event name', () => {
    expect(Object.keys(conventions.EVENTS)).toEqual(FROZEN_EVENTS)
  })

  it('keeps every value of every enum', () => {
    const lists = Object.entries(conventions).filter(([, value]) => Array.isArray(value))
    const values = Object.fromEntries(lists.filter(([name]) => name !== 'NEVER_ATTRIBUTES'))
    expect(values).toEqual(FROZEN_VALUES)
  })

  it('keeps every severity that is not INFO', () => {
    const events = Object.values(conventions.EVENTS).filter((event) => event.severityNumber !== 9)
    const severities = events.map(({ name, severityNumber }) => [name, severityNumber] as const)
    expect(Object.fromEntries(severities)).toEqual(FROZEN_SEVERITIES)
  })

  it('exports one constant for every attribute and event', () => {
    expect(exportsWith('ATTR_').sort()).toEqual(FROZEN_ATTRIBUTES)
    expect(exportsWith('EVENT_').sort()).toEqual([...FROZEN_EVENTS].sort())
  })
})
