import type { EventDefinition } from '../event-definition.ts'

/** A request with a token ended and was not refused for an OAuth reason. */
export const EVENT_OAUTH_REQUEST = 'oauth.request'

/**
 * A request was refused for an OAuth reason: 401 or 403 with a challenge or a rejection by a
 * library, or an OAuth error of a server endpoint.
 *
 * The identity set only where the signature was proven; else the header facts of the token.
 */
export const EVENT_OAUTH_REQUEST_REJECTED = 'oauth.request.rejected'

/** Rejections that nobody is attributed to exceed their budget; one per source and reason. */
export const EVENT_OAUTH_REQUEST_REJECTED_AGGREGATE = 'oauth.request.rejected.aggregate'

/**
 * A token is first seen verified in this log.
 *
 * Once per token and log; again, with equal facts, when a framework first meets the token or the
 * bounded table forgot it. A reason stands here where the recorder found bad what the application
 * accepted; then there is no identity.
 */
export const EVENT_OAUTH_TOKEN_OBSERVED = 'oauth.token.observed'

/** The authorization server issued a token. */
export const EVENT_OAUTH_TOKEN_ISSUED = 'oauth.token.issued'

/** A refresh grant succeeded. */
export const EVENT_OAUTH_TOKEN_REFRESHED = 'oauth.token.refreshed'

/**
 * The authorization server answered an introspection.
 *
 * Elsewhere an answered introspection is `oauth.token.observed`.
 */
export const EVENT_OAUTH_TOKEN_INTROSPECTED = 'oauth.token.introspected'

/** A token was revoked (RFC 7009), destroyed, or ended by a logout. */
export const EVENT_OAUTH_TOKEN_REVOKED = 'oauth.token.revoked'

/** A whole family of tokens ended. */
export const EVENT_OAUTH_GRANT_REVOKED = 'oauth.grant.revoked'

/** A session began, as the authorization server saw or the sessionizer derived it. */
export const EVENT_OAUTH_SESSION_START = 'oauth.session.start'

/** A session ended, as somebody saw or the sessionizer derived it. */
export const EVENT_OAUTH_SESSION_END = 'oauth.session.end'

/** The registration of a client was created, updated or deleted. */
export const EVENT_OAUTH_CLIENT_CHANGED = 'oauth.client.changed'

/**
 * The clear value behind a pseudonym, once per pseudonym and log.
 *
 * No leaf of the tree and no `index`; on a route of its own, so that it can be erased.
 *
 * > [!WARNING] This event carries personal data.
 */
export const EVENT_TOKENTRAIL_IDENTITY = 'tokentrail.identity'

/** A log begins; record 0, before the first request. */
export const EVENT_TOKENTRAIL_LOG_OPEN = 'tokentrail.log.open'

/** Signed head of the tree and the leaf hashes since the last one. */
export const EVENT_TOKENTRAIL_LOG_CHECKPOINT = 'tokentrail.log.checkpoint'

/** A successor adopted a log whose process died. */
export const EVENT_TOKENTRAIL_LOG_RECOVERED = 'tokentrail.log.recovered'

/**
 * A log ends by a clean stop, before its closing checkpoint.
 *
 * Without it the process crashed or still runs; that is not tampering.
 */
export const EVENT_TOKENTRAIL_LOG_CLOSE = 'tokentrail.log.close'

/** A witness cosigned the registry; in the registry's log only. */
export const EVENT_TOKENTRAIL_LOG_WITNESS = 'tokentrail.log.witness'

/** A timestamp authority answered for the registry; in the registry's log only. */
export const EVENT_TOKENTRAIL_LOG_TIMESTAMP = 'tokentrail.log.timestamp'

/** A segment of the journal is damaged. */
export const EVENT_TOKENTRAIL_JOURNAL_DAMAGE = 'tokentrail.journal.damage'

/** A log registered; in the registry's log only. */
export const EVENT_TOKENTRAIL_REGISTRY_LOG = 'tokentrail.registry.log'

/** The head of a log became known; in the registry's log only. */
export const EVENT_TOKENTRAIL_REGISTRY_HEAD = 'tokentrail.registry.head'

/** Requests may have passed without a record. */
export const EVENT_TOKENTRAIL_RECORDER_GAP = 'tokentrail.recorder.gap'

/** Accepted records are gone. */
export const EVENT_TOKENTRAIL_RECORDER_LOSS = 'tokentrail.recorder.loss'

/** The clock was set; times before and after it do not compare. The order of records is their index. */
export const EVENT_TOKENTRAIL_RECORDER_CLOCK_STEP = 'tokentrail.recorder.clock_step'

/** A record was refused for good and parked. */
export const EVENT_TOKENTRAIL_DELIVERY_REJECTED = 'tokentrail.delivery.rejected'

/** A detection fired. */
export const EVENT_TOKENTRAIL_ALERT_RAISED = 'tokentrail.alert.raised'

/** Somebody took the alert. */
export const EVENT_TOKENTRAIL_ALERT_ACKNOWLEDGED = 'tokentrail.alert.acknowledged'

/** The alert was answered. */
export const EVENT_TOKENTRAIL_ALERT_RESOLVED = 'tokentrail.alert.resolved'

/**
 * Identity records were deleted, or the epoch of a key was destroyed.
 *
 * No clear value. Counts only in a log under an erasure certificate.
 */
export const EVENT_TOKENTRAIL_SUBJECT_ERASED = 'tokentrail.subject.erased'

/** Somebody read evidence. */
export const EVENT_TOKENTRAIL_EVIDENCE_READ = 'tokentrail.evidence.read'

/** Policy, rules or retention changed while the process ran. */
export const EVENT_TOKENTRAIL_POLICY_CHANGED = 'tokentrail.policy.changed'

/** Name of an event that a record may have as its type. */
export type EventName =
  | 'oauth.request'
  | 'oauth.request.rejected'
  | 'oauth.request.rejected.aggregate'
  | 'oauth.token.observed'
  | 'oauth.token.issued'
  | 'oauth.token.refreshed'
  | 'oauth.token.introspected'
  | 'oauth.token.revoked'
  | 'oauth.grant.revoked'
  | 'oauth.session.start'
  | 'oauth.session.end'
  | 'oauth.client.changed'
  | 'tokentrail.identity'
  | 'tokentrail.log.open'
  | 'tokentrail.log.checkpoint'
  | 'tokentrail.log.recovered'
  | 'tokentrail.log.close'
  | 'tokentrail.log.witness'
  | 'tokentrail.log.timestamp'
  | 'tokentrail.journal.damage'
  | 'tokentrail.registry.log'
  | 'tokentrail.registry.head'
  | 'tokentrail.recorder.gap'
  | 'tokentrail.recorder.loss'
  | 'tokentrail.recorder.clock_step'
  | 'tokentrail.delivery.rejected'
  | 'tokentrail.alert.raised'
  | 'tokentrail.alert.acknowledged'
  | 'tokentrail.alert.resolved'
  | 'tokentrail.subject.erased'
  | 'tokentrail.evidence.read'
  | 'tokentrail.policy.changed'

/** Every event of the registry by its name. */
export const EVENTS: Readonly<Record<EventName, EventDefinition>> = Object.freeze({
  'oauth.request': Object.freeze({
    name: 'oauth.request',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'oauth.token.fingerprint',
      'http.request.method',
      'oauth.decision',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.scopes',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.session.first_seen',
      'error.type',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.request.rejected': Object.freeze({
    name: 'oauth.request.rejected',
    severityNumber: 13,
    severityExceptions: Object.freeze([
      Object.freeze({
        attribute: 'oauth.rejection.reason',
        value: 'nonce_required',
        severityNumber: 9,
      }),
    ]),
    requiredAttributes: Object.freeze([
      'http.request.method',
      'oauth.decision',
      'oauth.rejection.reason',
      'error.type',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.fingerprint',
      'oauth.token.scopes',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'security_rule.name',
      'security_rule.ruleset.name',
      'security_rule.version',
      'security_rule.uuid',
      'oauth.error.code',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.session.first_seen',
      'oauth.issuer',
      'oauth.grant.id',
      'oauth.grant.type',
      'oauth.required_scopes',
      'oauth.missing_scopes',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.request.rejected.aggregate': Object.freeze({
    name: 'oauth.request.rejected.aggregate',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'oauth.rejection.reason',
      'tokentrail.aggregate.count',
      'tokentrail.aggregate.from',
      'tokentrail.aggregate.to',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'client.address',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.token.observed': Object.freeze({
    name: 'oauth.token.observed',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'oauth.token.fingerprint',
      'oauth.token.type',
      'oauth.validation.method',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.scopes',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.grant.type',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'tokentrail.capture.hook',
      'oauth.rejection.reason',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.token.issued': Object.freeze({
    name: 'oauth.token.issued',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'oauth.client.id',
      'oauth.token.fingerprint',
      'oauth.token.type',
      'oauth.grant.type',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'user.hash',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'oauth.validation.method',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.token.refreshed': Object.freeze({
    name: 'oauth.token.refreshed',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'oauth.client.id',
      'oauth.token.fingerprint',
      'oauth.token.type',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.grant.type',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'user.hash',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'oauth.validation.method',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.token.introspected': Object.freeze({
    name: 'oauth.token.introspected',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.token.fingerprint', 'oauth.validation.method']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.type',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.grant.type',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.token.revoked': Object.freeze({
    name: 'oauth.token.revoked',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.token.fingerprint', 'oauth.token.type']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.grant.id',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.grant.revoked': Object.freeze({
    name: 'oauth.grant.revoked',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.grant.id']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.fingerprint',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.session.start': Object.freeze({
    name: 'oauth.session.start',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.session.id', 'oauth.session.start_reason']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.fingerprint',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.type',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.grant.type',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'oauth.validation.method',
      'tokentrail.capture.hook',
      'oauth.session.previous_id',
      'oauth.session.derived',
      'tokentrail.session.record_ids',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.session.end': Object.freeze({
    name: 'oauth.session.end',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.session.id', 'oauth.session.end_reason']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'oauth.client.id',
      'user.hash',
      'oauth.token.fingerprint',
      'oauth.token.scopes',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'oauth.issuer',
      'oauth.tenant.id',
      'oauth.token.type',
      'oauth.token.format',
      'oauth.token.id',
      'oauth.token.parent.fingerprint',
      'oauth.token.parent.type',
      'oauth.token.subject',
      'oauth.token.subject_type',
      'oauth.token.audiences',
      'oauth.token.issued_at',
      'oauth.token.not_before',
      'oauth.token.expires_at',
      'oauth.token.key.id',
      'oauth.token.algorithm',
      'oauth.token.binding.method',
      'oauth.token.binding.thumbprint',
      'oauth.session.derivation',
      'oauth.authentication.time',
      'oauth.authentication.context_class',
      'oauth.authentication.methods',
      'oauth.oidc.session.id',
      'oauth.grant.id',
      'oauth.grant.type',
      'oauth.client.auth_method',
      'oauth.actor.subject',
      'oauth.actor.client.id',
      'oauth.actor.chain',
      'oauth.authorization_details.types',
      'user.roles',
      'oauth.validation.method',
      'tokentrail.capture.hook',
      'oauth.session.previous_id',
      'oauth.session.derived',
      'tokentrail.session.record_ids',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'oauth.client.changed': Object.freeze({
    name: 'oauth.client.changed',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['oauth.client.id']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'url.path',
      'client.address',
      'client.port',
      'tokentrail.client.asn',
      'geo.country.iso_code',
      'user_agent.original',
      'user_agent.name',
      'oauth.fapi.interaction_id',
      'tokentrail.response.streaming',
      'error.type',
      'oauth.issuer',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.identity': Object.freeze({
    name: 'tokentrail.identity',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'tokentrail.identity.kind',
      'tokentrail.identity.issuer',
      'tokentrail.identity.pseudonym',
      'tokentrail.identity.value',
      'tokentrail.identity.key',
    ]),
    optionalAttributes: Object.freeze([
      'user.id',
      'user.name',
      'user.full_name',
      'user.email',
      'log.record.uid',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.log.open': Object.freeze({
    name: 'tokentrail.log.open',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'tokentrail.recorder.version',
      'tokentrail.policy.version',
    ]),
    requiredMembers: Object.freeze(['certificate']),
    optionalMembers: Object.freeze(['pseudonymKey', 'hooks', 'volume']),
  }),
  'tokentrail.log.checkpoint': Object.freeze({
    name: 'tokentrail.log.checkpoint',
    severityNumber: 5,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'tokentrail.clock.offset',
    ]),
    requiredMembers: Object.freeze(['note', 'from', 'leaves']),
    optionalMembers: Object.freeze(['routes', 'frontier', 'certificate', 'omitted']),
  }),
  'tokentrail.log.recovered': Object.freeze({
    name: 'tokentrail.log.recovered',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['prevLog', 'prevSize', 'prevRoot', 'lastSignedSize']),
    optionalMembers: Object.freeze(['from', 'leaves', 'lost', 'routes']),
  }),
  'tokentrail.log.close': Object.freeze({
    name: 'tokentrail.log.close',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['count', 'reason']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.log.witness': Object.freeze({
    name: 'tokentrail.log.witness',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['note']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.log.timestamp': Object.freeze({
    name: 'tokentrail.log.timestamp',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['timestamp', 'note']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.journal.damage': Object.freeze({
    name: 'tokentrail.journal.damage',
    severityNumber: 17,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['segment']),
    optionalMembers: Object.freeze(['offset', 'bytes', 'firstIndex', 'lastIndex']),
  }),
  'tokentrail.registry.log': Object.freeze({
    name: 'tokentrail.registry.log',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['origin', 'certificate']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.registry.head': Object.freeze({
    name: 'tokentrail.registry.head',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['origin', 'size', 'root']),
    optionalMembers: Object.freeze(['note', 'conflict']),
  }),
  'tokentrail.recorder.gap': Object.freeze({
    name: 'tokentrail.recorder.gap',
    severityNumber: 17,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.gap.reason']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'tokentrail.gap.from',
      'tokentrail.gap.to',
      'tokentrail.capture.hook',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.recorder.loss': Object.freeze({
    name: 'tokentrail.recorder.loss',
    severityNumber: 17,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'tokentrail.loss.reason',
      'tokentrail.loss.from',
      'tokentrail.loss.to',
      'tokentrail.loss.count',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.recorder.clock_step': Object.freeze({
    name: 'tokentrail.recorder.clock_step',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.clock.offset']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.delivery.rejected': Object.freeze({
    name: 'tokentrail.delivery.rejected',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'tokentrail.delivery.destination',
      'tokentrail.delivery.status_code',
      'tokentrail.delivery.record_ids',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.alert.raised': Object.freeze({
    name: 'tokentrail.alert.raised',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    severityAttribute: 'tokentrail.alert.severity',
    requiredAttributes: Object.freeze([
      'tokentrail.alert.id',
      'tokentrail.alert.severity',
      'tokentrail.alert.record_ids',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'security_rule.name',
      'security_rule.ruleset.name',
      'security_rule.version',
      'security_rule.uuid',
    ]),
    requiredMembers: Object.freeze(['digest']),
    optionalMembers: Object.freeze(['group']),
  }),
  'tokentrail.alert.acknowledged': Object.freeze({
    name: 'tokentrail.alert.acknowledged',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.alert.id']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['who']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.alert.resolved': Object.freeze({
    name: 'tokentrail.alert.resolved',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.alert.id']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['who', 'verdict']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.subject.erased': Object.freeze({
    name: 'tokentrail.subject.erased',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.erasure.id', 'tokentrail.erasure.reason']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze(['kinds', 'pseudonyms']),
    optionalMembers: Object.freeze(['key']),
  }),
  'tokentrail.evidence.read': Object.freeze({
    name: 'tokentrail.evidence.read',
    severityNumber: 9,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze(['tokentrail.evidence.action', 'tokentrail.evidence.count']),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
      'tokentrail.evidence.filter',
    ]),
    requiredMembers: Object.freeze(['reader']),
    optionalMembers: Object.freeze([]),
  }),
  'tokentrail.policy.changed': Object.freeze({
    name: 'tokentrail.policy.changed',
    severityNumber: 13,
    severityExceptions: Object.freeze([]),
    requiredAttributes: Object.freeze([
      'tokentrail.policy.version',
      'tokentrail.policy.previous_version',
      'tokentrail.recorder.version',
    ]),
    optionalAttributes: Object.freeze([
      'log.record.uid',
      'oauth.session.id',
      'compliance.framework',
      'compliance.retention',
      'compliance.legal_hold',
      'compliance.classification',
      'tokentrail.truncated',
      'tokentrail.leaf',
    ]),
    requiredMembers: Object.freeze([]),
    optionalMembers: Object.freeze([]),
  }),
})
