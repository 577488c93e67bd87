import type { AttributeDefinition } from '../attribute-definition.ts'
import {
  DECISIONS,
  REJECTION_REASONS,
  SESSION_DERIVATIONS,
  SESSION_END_REASONS,
  SESSION_START_REASONS,
  TOKEN_BINDING_METHODS,
  TOKEN_FORMATS,
  TOKEN_PARENT_TYPES,
  TOKEN_SUBJECT_TYPES,
  TOKEN_TYPES,
  VALIDATION_METHODS,
  GAP_REASONS,
  IDENTITY_KINDS,
  LOSS_REASONS,
} from './enums.ts'

/**
 * Address of the real client, behind proxies by configured trusted hops.
 *
 * Class: pseudonym. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_CLIENT_ADDRESS = 'client.address'

/**
 * Port of the client; off.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_CLIENT_PORT = 'client.port'

/**
 * Class of the data behind the route.
 *
 * Class: plain. Stability: development.
 *
 * Example: `ephi`
 */
export const ATTR_COMPLIANCE_CLASSIFICATION = 'compliance.classification'

/**
 * Frameworks that the record is evidence for; absent means the default route.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["hipaa","soc2"]`
 */
export const ATTR_COMPLIANCE_FRAMEWORK = 'compliance.framework'

/**
 * Whether the record may not be deleted for now.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_COMPLIANCE_LEGAL_HOLD = 'compliance.legal_hold'

/**
 * How long the record is kept, ISO 8601 duration, the longest that applies.
 *
 * Only where it differs from the default of the framework.
 *
 * Class: plain. Stability: development.
 *
 * Example: `P6Y`
 */
export const ATTR_COMPLIANCE_RETENTION = 'compliance.retention'

/**
 * `oauth.error.code`, else the status code.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_ERROR_TYPE = 'error.type'

/**
 * Country of the client address, from a table that the operator supplies.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_GEO_COUNTRY_ISO_CODE = 'geo.country.iso_code'

/**
 * Method of the request.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method'

/**
 * Status code of the response.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code'

/**
 * Route template.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_HTTP_ROUTE = 'http.route'

/**
 * `<log>.<index>`, the same in every re-send.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_LOG_RECORD_UID = 'log.record.uid'

/**
 * Current actor first, then the earlier ones.
 *
 * Nested `act` claims; informational, as RFC 8693 §4.1 says.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `["Qe31pPz8uV6mK2sD4fG6hQ","p0YdA2bC4dE6fG8hI0jK2g"]`
 */
export const ATTR_OAUTH_ACTOR_CHAIN = 'oauth.actor.chain'

/**
 * Client of the current actor (`act.client_id`).
 *
 * Class: plain. Stability: development.
 *
 * Example: `batch-agent`
 */
export const ATTR_OAUTH_ACTOR_CLIENT_ID = 'oauth.actor.client.id'

/**
 * Current actor of a delegated token (`act.sub`, RFC 8693 §4.1).
 *
 * Plain where the actor is a client.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `Qe31pPz8uV6mK2sD4fG6hQ`
 */
export const ATTR_OAUTH_ACTOR_SUBJECT = 'oauth.actor.subject'

/**
 * Authentication context class (`acr`).
 *
 * Class: plain. Stability: development.
 *
 * Example: `urn:mace:incommon:iap:silver`
 */
export const ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS = 'oauth.authentication.context_class'

/**
 * Authentication methods (`amr`, RFC 8176).
 *
 * Class: plain. Stability: development.
 *
 * Example: `["pwd","otp"]`
 */
export const ATTR_OAUTH_AUTHENTICATION_METHODS = 'oauth.authentication.methods'

/**
 * When the user signed in (`auth_time`), ISO 8601 in UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `2026-11-23T20:58:11Z`
 */
export const ATTR_OAUTH_AUTHENTICATION_TIME = 'oauth.authentication.time'

/**
 * Types of the granted authorization details (RFC 9396 §2); nothing else of them.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["payment_initiation"]`
 */
export const ATTR_OAUTH_AUTHORIZATION_DETAILS_TYPES = 'oauth.authorization_details.types'

/**
 * How the client authenticated at the authorization server.
 *
 * A value of the IANA registry of token endpoint authentication methods.
 *
 * Class: plain. Stability: development.
 *
 * Example: `private_key_jwt`
 */
export const ATTR_OAUTH_CLIENT_AUTH_METHOD = 'oauth.client.auth_method'

/**
 * Client that obtained the token.
 *
 * The verified claim of the issuer's profile, else `client_id`, `azp`, `cid` or `appid`; at the
 * authorization server the authenticated client.
 *
 * Class: plain. Stability: development.
 *
 * Example: `s6BhdRkqt3`
 */
export const ATTR_OAUTH_CLIENT_ID = 'oauth.client.id'

/**
 * Whether the request was allowed.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_DECISION = 'oauth.decision'

/**
 * Error code as it was sent, in the challenge or by the library.
 *
 * Class: plain. Stability: development.
 *
 * Example: `invalid_token`
 */
export const ATTR_OAUTH_ERROR_CODE = 'oauth.error.code'

/**
 * `x-fapi-interaction-id` of the request, only if it is a UUID.
 *
 * Class: plain. Stability: development.
 *
 * Example: `c770aef3-6784-41f7-8e0e-ff5f97bddb3a`
 */
export const ATTR_OAUTH_FAPI_INTERACTION_ID = 'oauth.fapi.interaction_id'

/**
 * Token family, that is one grant and all its refreshes.
 *
 * Known at the authorization server, or carried by the token.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `q1vXb2ZkqT0yUo3cY5w7aA`
 */
export const ATTR_OAUTH_GRANT_ID = 'oauth.grant.id'

/**
 * Grant by which the token was obtained.
 *
 * The `grant_type` of the token request, or a verified `gty` claim.
 *
 * Class: plain. Stability: development.
 *
 * Example: `authorization_code`
 */
export const ATTR_OAUTH_GRANT_TYPE = 'oauth.grant.type'

/**
 * Issuer of the token, or the issuer whose introspection answered for it.
 *
 * The verified `iss` claim (RFC 7519 §4.1.1); never that of an unverified token.
 *
 * Class: plain. Stability: development.
 *
 * Example: `https://as.example.com`
 */
export const ATTR_OAUTH_ISSUER = 'oauth.issuer'

/**
 * Demanded scopes that the token does not grant.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders:write"]`
 */
export const ATTR_OAUTH_MISSING_SCOPES = 'oauth.missing_scopes'

/**
 * Session of the user at the OpenID provider (`sid`).
 *
 * Joins the sessions of several clients under one sign-in.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `bAm6U-1IfoR8zYXYdIUdmA`
 */
export const ATTR_OAUTH_OIDC_SESSION_ID = 'oauth.oidc.session.id'

/**
 * Why the request was refused.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_REJECTION_REASON = 'oauth.rejection.reason'

/**
 * Scopes that the resource demands, as the guard or the challenge names them.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders:write"]`
 */
export const ATTR_OAUTH_REQUIRED_SCOPES = 'oauth.required_scopes'

/**
 * Rule by which the session key was made.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_SESSION_DERIVATION = 'oauth.session.derivation'

/**
 * True where the sessionizer derived the start or end, else absent.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_SESSION_DERIVED = 'oauth.session.derived'

/**
 * What the end of the session was told from.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_SESSION_END_REASON = 'oauth.session.end_reason'

/**
 * True on the first request of a session in its log, else absent.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_SESSION_FIRST_SEEN = 'oauth.session.first_seen'

/**
 * Session: all activity under one authorization.
 *
 * A keyed hash, equal in every process that shares the key. Member `session` of the record; an
 * attribute on spans, log records and the OTLP projection.
 *
 * Class: plain. Stability: development.
 *
 * Example: `QaInQnUtCl_CHk5vEBVr8A`
 */
export const ATTR_OAUTH_SESSION_ID = 'oauth.session.id'

/**
 * Session that this one replaced.
 *
 * Class: plain. Stability: development.
 *
 * Example: `m2VbYx7n1T4qW6zR8sK0uA`
 */
export const ATTR_OAUTH_SESSION_PREVIOUS_ID = 'oauth.session.previous_id'

/**
 * What the start of the session was told from.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_SESSION_START_REASON = 'oauth.session.start_reason'

/**
 * Tenant of the issuer, from the verified claim that the operator names.
 *
 * Class: plain. Stability: development.
 *
 * Example: `acme`
 */
export const ATTR_OAUTH_TENANT_ID = 'oauth.tenant.id'

/**
 * Algorithm that signed the token (`alg`).
 *
 * On a rejection a header fact of an unverified token, so attacker input, cut at 128 bytes.
 *
 * Class: plain. Stability: development.
 *
 * Example: `ES256`
 */
export const ATTR_OAUTH_TOKEN_ALGORITHM = 'oauth.token.algorithm'

/**
 * Resources that the token is meant for.
 *
 * The verified `aud` claim and the resources of RFC 8707.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["https://api.example.com"]`
 */
export const ATTR_OAUTH_TOKEN_AUDIENCES = 'oauth.token.audiences'

/**
 * How the token is bound to its holder.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_TOKEN_BINDING_METHOD = 'oauth.token.binding.method'

/**
 * Thumbprint that the token is bound to (`jkt`, `x5t#S256`).
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I`
 */
export const ATTR_OAUTH_TOKEN_BINDING_THUMBPRINT = 'oauth.token.binding.thumbprint'

/**
 * When the token expires (`exp`), ISO 8601 in UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `2026-11-23T22:38:00Z`
 */
export const ATTR_OAUTH_TOKEN_EXPIRES_AT = 'oauth.token.expires_at'

/**
 * Keyed hash of the whole token, verified or not.
 *
 * Joins the records of one token and a request with its `oauth.token.observed`.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `LtSEX2B5_TR7pxGC0ehSAw`
 */
export const ATTR_OAUTH_TOKEN_FINGERPRINT = 'oauth.token.fingerprint'

/**
 * Format of the token that the event is about.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_TOKEN_FORMAT = 'oauth.token.format'

/**
 * Identifier of a verified JWT.
 *
 * The `jti` claim or that of the issuer's profile. Never recorded of an opaque token, whose
 * identifier may be the token itself.
 *
 * Class: plain. Stability: development.
 *
 * Example: `dbe39bf3a3ba4238a513f51d6e1691c4`
 */
export const ATTR_OAUTH_TOKEN_ID = 'oauth.token.id'

/**
 * When the token was issued (`iat`), ISO 8601 in UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `2026-11-23T21:38:00Z`
 */
export const ATTR_OAUTH_TOKEN_ISSUED_AT = 'oauth.token.issued_at'

/**
 * Identifier of the key that signed the token (`kid`).
 *
 * On a rejection a header fact of an unverified token, so attacker input, cut at 128 bytes.
 *
 * Class: plain. Stability: development.
 *
 * Example: `2026-10-a`
 */
export const ATTR_OAUTH_TOKEN_KEY_ID = 'oauth.token.key.id'

/**
 * When the token becomes valid (`nbf`), ISO 8601 in UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `2026-11-23T21:38:00Z`
 */
export const ATTR_OAUTH_TOKEN_NOT_BEFORE = 'oauth.token.not_before'

/**
 * Fingerprint of the refresh token, code or subject token that this token was made from.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `8sQmXr0q5nA1bC3dE5fG7g`
 */
export const ATTR_OAUTH_TOKEN_PARENT_FINGERPRINT = 'oauth.token.parent.fingerprint'

/**
 * Kind of token that this token was made from.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_TOKEN_PARENT_TYPE = 'oauth.token.parent.type'

/**
 * Scopes that the token grants.
 *
 * The verified `scope` or `scp` claim, one element per scope.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders:read","orders:write"]`
 */
export const ATTR_OAUTH_TOKEN_SCOPES = 'oauth.token.scopes'

/**
 * Subject of the token, a person or not.
 *
 * The verified `sub` claim. Plain where the subject is the client itself.
 *
 * > [!WARNING] This attribute stays personal data as long as the key of the pseudonym exists.
 *
 * Class: pseudonym. Stability: development.
 *
 * Example: `zyDOnUauNBpPoVwqDQ7LzQ`
 */
export const ATTR_OAUTH_TOKEN_SUBJECT = 'oauth.token.subject'

/**
 * What kind of subject the token has.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_TOKEN_SUBJECT_TYPE = 'oauth.token.subject_type'

/**
 * Kind of token that the event is about.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_TOKEN_TYPE = 'oauth.token.type'

/**
 * How the token was found to be good.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_OAUTH_VALIDATION_METHOD = 'oauth.validation.method'

/**
 * Rule that denied, or that raised the alert.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_SECURITY_RULE_NAME = 'security_rule.name'

/**
 * Set that the rule belongs to.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_SECURITY_RULE_RULESET_NAME = 'security_rule.ruleset.name'

/**
 * Identifier of the rule.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_SECURITY_RULE_UUID = 'security_rule.uuid'

/**
 * Version of the rule.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_SECURITY_RULE_VERSION = 'security_rule.version'

/**
 * Session of a client-side application; on spans and logs only, when switched on.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_SESSION_ID = 'session.id'

/**
 * How many rejections the aggregate stands for.
 *
 * Class: plain. Stability: development.
 *
 * Example: `4711`
 */
export const ATTR_TOKENTRAIL_AGGREGATE_COUNT = 'tokentrail.aggregate.count'

/**
 * When the first of them happened, nanoseconds since 1970 UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470000123456789`
 */
export const ATTR_TOKENTRAIL_AGGREGATE_FROM = 'tokentrail.aggregate.from'

/**
 * When the last of them happened, nanoseconds since 1970 UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470010123456789`
 */
export const ATTR_TOKENTRAIL_AGGREGATE_TO = 'tokentrail.aggregate.to'

/**
 * Identifier of the alert.
 *
 * Class: plain. Stability: development.
 *
 * Example: `01a20a23-1100-7c3e-9d0b-6f1e5a2c8b95`
 */
export const ATTR_TOKENTRAIL_ALERT_ID = 'tokentrail.alert.id'

/**
 * Records that the alert is about.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94.17"]`
 */
export const ATTR_TOKENTRAIL_ALERT_RECORD_IDS = 'tokentrail.alert.record_ids'

/**
 * Severity number of the rule that fired (9, 13, 17 or 21).
 *
 * Class: plain. Stability: development.
 *
 * Example: `17`
 */
export const ATTR_TOKENTRAIL_ALERT_SEVERITY = 'tokentrail.alert.severity'

/**
 * What saw the fact.
 *
 * Class: plain. Stability: development.
 *
 * Example: `jose.jwtVerify`
 */
export const ATTR_TOKENTRAIL_CAPTURE_HOOK = 'tokentrail.capture.hook'

/**
 * Autonomous system of the client address, from a table that the operator supplies.
 *
 * Class: plain. Stability: development.
 *
 * Example: `64496`
 */
export const ATTR_TOKENTRAIL_CLIENT_ASN = 'tokentrail.client.asn'

/**
 * Distance of the clock from its reference in milliseconds; of a step, how far it was set.
 *
 * Class: plain. Stability: development.
 *
 * Example: `-3`
 */
export const ATTR_TOKENTRAIL_CLOCK_OFFSET = 'tokentrail.clock.offset'

/**
 * Endpoint that refused the record, without credentials or query.
 *
 * Class: plain. Stability: development.
 *
 * Example: `http://127.0.0.1:4318/v1/logs`
 */
export const ATTR_TOKENTRAIL_DELIVERY_DESTINATION = 'tokentrail.delivery.destination'

/**
 * Records that were refused for good and parked.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94.17"]`
 */
export const ATTR_TOKENTRAIL_DELIVERY_RECORD_IDS = 'tokentrail.delivery.record_ids'

/**
 * HTTP status code that the destination answered with.
 *
 * Class: plain. Stability: development.
 *
 * Example: `400`
 */
export const ATTR_TOKENTRAIL_DELIVERY_STATUS_CODE = 'tokentrail.delivery.status_code'

/**
 * Identifier of the erasure.
 *
 * Class: plain. Stability: development.
 *
 * Example: `01a20a23-1100-7c3e-9d0b-6f1e5a2c8b96`
 */
export const ATTR_TOKENTRAIL_ERASURE_ID = 'tokentrail.erasure.id'

/**
 * Why the identity was erased.
 *
 * Class: plain. Stability: development.
 *
 * Example: `subject_request`
 */
export const ATTR_TOKENTRAIL_ERASURE_REASON = 'tokentrail.erasure.reason'

/**
 * How evidence was read.
 *
 * Class: plain. Stability: development.
 *
 * Example: `search`
 */
export const ATTR_TOKENTRAIL_EVIDENCE_ACTION = 'tokentrail.evidence.action'

/**
 * How many records were read.
 *
 * Class: plain. Stability: development.
 *
 * Example: `120`
 */
export const ATTR_TOKENTRAIL_EVIDENCE_COUNT = 'tokentrail.evidence.count'

/**
 * Filter of the reading; holds pseudonyms, not names.
 *
 * Class: plain. Stability: development.
 *
 * Example: `client=s6BhdRkqt3`
 */
export const ATTR_TOKENTRAIL_EVIDENCE_FILTER = 'tokentrail.evidence.filter'

/**
 * When the gap began, nanoseconds since 1970 UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470000123456789`
 */
export const ATTR_TOKENTRAIL_GAP_FROM = 'tokentrail.gap.from'

/**
 * Why requests may have passed without a record.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_TOKENTRAIL_GAP_REASON = 'tokentrail.gap.reason'

/**
 * When the gap ended, nanoseconds since 1970 UTC; absent while it lasts.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470010123456789`
 */
export const ATTR_TOKENTRAIL_GAP_TO = 'tokentrail.gap.to'

/**
 * Issuer that the value belongs to; empty for addresses and user agents.
 *
 * Class: identity. Stability: development.
 *
 * Example: `https://as.example.com`
 */
export const ATTR_TOKENTRAIL_IDENTITY_ISSUER = 'tokentrail.identity.issuer'

/**
 * Identifier and epoch of the key that made the pseudonym.
 *
 * Class: identity. Stability: development.
 *
 * Example: `zq8Kc1.1`
 */
export const ATTR_TOKENTRAIL_IDENTITY_KEY = 'tokentrail.identity.key'

/**
 * What the identity record tells the clear value of.
 *
 * Class: identity. Stability: development.
 */
export const ATTR_TOKENTRAIL_IDENTITY_KIND = 'tokentrail.identity.kind'

/**
 * Pseudonym that stands for the value in evidence.
 *
 * Class: identity. Stability: development.
 *
 * Example: `zyDOnUauNBpPoVwqDQ7LzQ`
 */
export const ATTR_TOKENTRAIL_IDENTITY_PSEUDONYM = 'tokentrail.identity.pseudonym'

/**
 * The clear value.
 *
 * > [!WARNING] This attribute is personal data. It stands in identity records only, on a route of its
 * > own.
 *
 * Class: identity. Stability: development.
 *
 * Example: `user-4711`
 */
export const ATTR_TOKENTRAIL_IDENTITY_VALUE = 'tokentrail.identity.value'

/**
 * Leaf hash of the record, base64; a help to readers, never trusted.
 *
 * Only in the projection `full`, never in the text itself.
 *
 * Class: plain. Stability: development.
 *
 * Example: `vkhWmSxK7Dc0sS2Nfp9JNVsuBbh2NpzlYXSwoIDhNKM=`
 */
export const ATTR_TOKENTRAIL_LEAF = 'tokentrail.leaf'

/**
 * How many records are gone, as far as it is known.
 *
 * Class: plain. Stability: development.
 *
 * Example: `12`
 */
export const ATTR_TOKENTRAIL_LOSS_COUNT = 'tokentrail.loss.count'

/**
 * When the first lost record happened, nanoseconds since 1970 UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470000123456789`
 */
export const ATTR_TOKENTRAIL_LOSS_FROM = 'tokentrail.loss.from'

/**
 * Why accepted records are gone.
 *
 * Class: plain. Stability: development.
 */
export const ATTR_TOKENTRAIL_LOSS_REASON = 'tokentrail.loss.reason'

/**
 * When the last lost record happened, nanoseconds since 1970 UTC.
 *
 * Class: plain. Stability: development.
 *
 * Example: `1795470010123456789`
 */
export const ATTR_TOKENTRAIL_LOSS_TO = 'tokentrail.loss.to'

/**
 * Digest of the policy that was in force before.
 *
 * Class: plain. Stability: development.
 *
 * Example: `sha256:9aB1cD3eF5gH7iJ9kL1mN3oP5qR7sT9uV1wX3yZ5a7b`
 */
export const ATTR_TOKENTRAIL_POLICY_PREVIOUS_VERSION = 'tokentrail.policy.previous_version'

/**
 * Digest of the policy in force.
 *
 * Class: plain. Stability: development.
 *
 * Example: `sha256:5f1b3cQn0gVt7wXy2zA4bC6dE8fG0hI2jK4lM6nO8pQ`
 */
export const ATTR_TOKENTRAIL_POLICY_VERSION = 'tokentrail.policy.version'

/**
 * Version of the recorder.
 *
 * Class: plain. Stability: development.
 *
 * Example: `0.1.0`
 */
export const ATTR_TOKENTRAIL_RECORDER_VERSION = 'tokentrail.recorder.version'

/**
 * Set when the request was recorded while its response went on: the client has the status code, how
 * and when the response ended is not known.
 *
 * Class: plain. Stability: development.
 *
 * Example: `true`
 */
export const ATTR_TOKENTRAIL_RESPONSE_STREAMING = 'tokentrail.response.streaming'

/**
 * Records that the start or end was derived from.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94.17"]`
 */
export const ATTR_TOKENTRAIL_SESSION_RECORD_IDS = 'tokentrail.session.record_ids'

/**
 * Names of the attributes that were cut or left out to keep the record within its size.
 *
 * Class: plain. Stability: development.
 *
 * Example: `["oauth.token.scopes"]`
 */
export const ATTR_TOKENTRAIL_TRUNCATED = 'tokentrail.truncated'

/**
 * Path, only where there is no route template.
 *
 * Class: plain. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_URL_PATH = 'url.path'

/**
 * Mail address of a person; off by default.
 *
 * Class: identity. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_EMAIL = 'user.email'

/**
 * Full name of a person; off by default.
 *
 * Class: identity. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_FULL_NAME = 'user.full_name'

/**
 * Subject where it is a person; the same value as `oauth.token.subject`.
 *
 * Class: pseudonym. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_HASH = 'user.hash'

/**
 * Verified subject of a person; off by default.
 *
 * Class: identity. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_ID = 'user.id'

/**
 * Name of a person; off by default.
 *
 * Class: identity. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_NAME = 'user.name'

/**
 * Verified roles or groups, where a claim for them is configured.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_ROLES = 'user.roles'

/**
 * Family of the user agent.
 *
 * Class: plain. Stability: development.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_AGENT_NAME = 'user_agent.name'

/**
 * User agent as it was sent.
 *
 * Class: pseudonym. Stability: stable.
 *
 * Defined by OpenTelemetry semantic conventions 1.45.0.
 */
export const ATTR_USER_AGENT_ORIGINAL = 'user_agent.original'

/** Name of an attribute that a record, span or log record may carry. */
export type AttributeName =
  | 'client.address'
  | 'client.port'
  | 'compliance.classification'
  | 'compliance.framework'
  | 'compliance.legal_hold'
  | 'compliance.retention'
  | 'error.type'
  | 'geo.country.iso_code'
  | 'http.request.method'
  | 'http.response.status_code'
  | 'http.route'
  | 'log.record.uid'
  | 'oauth.actor.chain'
  | 'oauth.actor.client.id'
  | 'oauth.actor.subject'
  | 'oauth.authentication.context_class'
  | 'oauth.authentication.methods'
  | 'oauth.authentication.time'
  | 'oauth.authorization_details.types'
  | 'oauth.client.auth_method'
  | 'oauth.client.id'
  | 'oauth.decision'
  | 'oauth.error.code'
  | 'oauth.fapi.interaction_id'
  | 'oauth.grant.id'
  | 'oauth.grant.type'
  | 'oauth.issuer'
  | 'oauth.missing_scopes'
  | 'oauth.oidc.session.id'
  | 'oauth.rejection.reason'
  | 'oauth.required_scopes'
  | 'oauth.session.derivation'
  | 'oauth.session.derived'
  | 'oauth.session.end_reason'
  | 'oauth.session.first_seen'
  | 'oauth.session.id'
  | 'oauth.session.previous_id'
  | 'oauth.session.start_reason'
  | 'oauth.tenant.id'
  | 'oauth.token.algorithm'
  | 'oauth.token.audiences'
  | 'oauth.token.binding.method'
  | 'oauth.token.binding.thumbprint'
  | 'oauth.token.expires_at'
  | 'oauth.token.fingerprint'
  | 'oauth.token.format'
  | 'oauth.token.id'
  | 'oauth.token.issued_at'
  | 'oauth.token.key.id'
  | 'oauth.token.not_before'
  | 'oauth.token.parent.fingerprint'
  | 'oauth.token.parent.type'
  | 'oauth.token.scopes'
  | 'oauth.token.subject'
  | 'oauth.token.subject_type'
  | 'oauth.token.type'
  | 'oauth.validation.method'
  | 'security_rule.name'
  | 'security_rule.ruleset.name'
  | 'security_rule.uuid'
  | 'security_rule.version'
  | 'session.id'
  | 'tokentrail.aggregate.count'
  | 'tokentrail.aggregate.from'
  | 'tokentrail.aggregate.to'
  | 'tokentrail.alert.id'
  | 'tokentrail.alert.record_ids'
  | 'tokentrail.alert.severity'
  | 'tokentrail.capture.hook'
  | 'tokentrail.client.asn'
  | 'tokentrail.clock.offset'
  | 'tokentrail.delivery.destination'
  | 'tokentrail.delivery.record_ids'
  | 'tokentrail.delivery.status_code'
  | 'tokentrail.erasure.id'
  | 'tokentrail.erasure.reason'
  | 'tokentrail.evidence.action'
  | 'tokentrail.evidence.count'
  | 'tokentrail.evidence.filter'
  | 'tokentrail.gap.from'
  | 'tokentrail.gap.reason'
  | 'tokentrail.gap.to'
  | 'tokentrail.identity.issuer'
  | 'tokentrail.identity.key'
  | 'tokentrail.identity.kind'
  | 'tokentrail.identity.pseudonym'
  | 'tokentrail.identity.value'
  | 'tokentrail.leaf'
  | 'tokentrail.loss.count'
  | 'tokentrail.loss.from'
  | 'tokentrail.loss.reason'
  | 'tokentrail.loss.to'
  | 'tokentrail.policy.previous_version'
  | 'tokentrail.policy.version'
  | 'tokentrail.recorder.version'
  | 'tokentrail.response.streaming'
  | 'tokentrail.session.record_ids'
  | 'tokentrail.truncated'
  | 'url.path'
  | 'user.email'
  | 'user.full_name'
  | 'user.hash'
  | 'user.id'
  | 'user.name'
  | 'user.roles'
  | 'user_agent.name'
  | 'user_agent.original'

/** Every attribute of the registry by its name. */
export const ATTRIBUTES: Readonly<Record<AttributeName, AttributeDefinition>> = Object.freeze({
  'client.address': Object.freeze({ name: 'client.address', type: 'string', class: 'pseudonym' }),
  'client.port': Object.freeze({ name: 'client.port', type: 'int', class: 'plain' }),
  'compliance.classification': Object.freeze({
    name: 'compliance.classification',
    type: 'string',
    class: 'plain',
  }),
  'compliance.framework': Object.freeze({
    name: 'compliance.framework',
    type: 'string[]',
    class: 'plain',
  }),
  'compliance.legal_hold': Object.freeze({
    name: 'compliance.legal_hold',
    type: 'boolean',
    class: 'plain',
  }),
  'compliance.retention': Object.freeze({
    name: 'compliance.retention',
    type: 'string',
    class: 'plain',
  }),
  'error.type': Object.freeze({ name: 'error.type', type: 'string', class: 'plain' }),
  'geo.country.iso_code': Object.freeze({
    name: 'geo.country.iso_code',
    type: 'string',
    class: 'plain',
  }),
  'http.request.method': Object.freeze({
    name: 'http.request.method',
    type: 'string',
    class: 'plain',
  }),
  'http.response.status_code': Object.freeze({
    name: 'http.response.status_code',
    type: 'int',
    class: 'plain',
  }),
  'http.route': Object.freeze({ name: 'http.route', type: 'string', class: 'plain' }),
  'log.record.uid': Object.freeze({ name: 'log.record.uid', type: 'string', class: 'plain' }),
  'oauth.actor.chain': Object.freeze({
    name: 'oauth.actor.chain',
    type: 'string[]',
    class: 'pseudonym',
  }),
  'oauth.actor.client.id': Object.freeze({
    name: 'oauth.actor.client.id',
    type: 'string',
    class: 'plain',
  }),
  'oauth.actor.subject': Object.freeze({
    name: 'oauth.actor.subject',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.authentication.context_class': Object.freeze({
    name: 'oauth.authentication.context_class',
    type: 'string',
    class: 'plain',
  }),
  'oauth.authentication.methods': Object.freeze({
    name: 'oauth.authentication.methods',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.authentication.time': Object.freeze({
    name: 'oauth.authentication.time',
    type: 'string',
    class: 'plain',
  }),
  'oauth.authorization_details.types': Object.freeze({
    name: 'oauth.authorization_details.types',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.client.auth_method': Object.freeze({
    name: 'oauth.client.auth_method',
    type: 'string',
    class: 'plain',
  }),
  'oauth.client.id': Object.freeze({ name: 'oauth.client.id', type: 'string', class: 'plain' }),
  'oauth.decision': Object.freeze({
    name: 'oauth.decision',
    type: 'enum',
    class: 'plain',
    values: DECISIONS,
  }),
  'oauth.error.code': Object.freeze({ name: 'oauth.error.code', type: 'string', class: 'plain' }),
  'oauth.fapi.interaction_id': Object.freeze({
    name: 'oauth.fapi.interaction_id',
    type: 'string',
    class: 'plain',
  }),
  'oauth.grant.id': Object.freeze({ name: 'oauth.grant.id', type: 'string', class: 'pseudonym' }),
  'oauth.grant.type': Object.freeze({ name: 'oauth.grant.type', type: 'string', class: 'plain' }),
  'oauth.issuer': Object.freeze({ name: 'oauth.issuer', type: 'string', class: 'plain' }),
  'oauth.missing_scopes': Object.freeze({
    name: 'oauth.missing_scopes',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.oidc.session.id': Object.freeze({
    name: 'oauth.oidc.session.id',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.rejection.reason': Object.freeze({
    name: 'oauth.rejection.reason',
    type: 'enum',
    class: 'plain',
    values: REJECTION_REASONS,
  }),
  'oauth.required_scopes': Object.freeze({
    name: 'oauth.required_scopes',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.session.derivation': Object.freeze({
    name: 'oauth.session.derivation',
    type: 'enum',
    class: 'plain',
    values: SESSION_DERIVATIONS,
  }),
  'oauth.session.derived': Object.freeze({
    name: 'oauth.session.derived',
    type: 'boolean',
    class: 'plain',
  }),
  'oauth.session.end_reason': Object.freeze({
    name: 'oauth.session.end_reason',
    type: 'enum',
    class: 'plain',
    values: SESSION_END_REASONS,
  }),
  'oauth.session.first_seen': Object.freeze({
    name: 'oauth.session.first_seen',
    type: 'boolean',
    class: 'plain',
  }),
  'oauth.session.id': Object.freeze({ name: 'oauth.session.id', type: 'string', class: 'plain' }),
  'oauth.session.previous_id': Object.freeze({
    name: 'oauth.session.previous_id',
    type: 'string',
    class: 'plain',
  }),
  'oauth.session.start_reason': Object.freeze({
    name: 'oauth.session.start_reason',
    type: 'enum',
    class: 'plain',
    values: SESSION_START_REASONS,
  }),
  'oauth.tenant.id': Object.freeze({ name: 'oauth.tenant.id', type: 'string', class: 'plain' }),
  'oauth.token.algorithm': Object.freeze({
    name: 'oauth.token.algorithm',
    type: 'string',
    class: 'plain',
  }),
  'oauth.token.audiences': Object.freeze({
    name: 'oauth.token.audiences',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.token.binding.method': Object.freeze({
    name: 'oauth.token.binding.method',
    type: 'enum',
    class: 'plain',
    values: TOKEN_BINDING_METHODS,
  }),
  'oauth.token.binding.thumbprint': Object.freeze({
    name: 'oauth.token.binding.thumbprint',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.token.expires_at': Object.freeze({
    name: 'oauth.token.expires_at',
    type: 'string',
    class: 'plain',
  }),
  'oauth.token.fingerprint': Object.freeze({
    name: 'oauth.token.fingerprint',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.token.format': Object.freeze({
    name: 'oauth.token.format',
    type: 'enum',
    class: 'plain',
    values: TOKEN_FORMATS,
  }),
  'oauth.token.id': Object.freeze({ name: 'oauth.token.id', type: 'string', class: 'plain' }),
  'oauth.token.issued_at': Object.freeze({
    name: 'oauth.token.issued_at',
    type: 'string',
    class: 'plain',
  }),
  'oauth.token.key.id': Object.freeze({
    name: 'oauth.token.key.id',
    type: 'string',
    class: 'plain',
  }),
  'oauth.token.not_before': Object.freeze({
    name: 'oauth.token.not_before',
    type: 'string',
    class: 'plain',
  }),
  'oauth.token.parent.fingerprint': Object.freeze({
    name: 'oauth.token.parent.fingerprint',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.token.parent.type': Object.freeze({
    name: 'oauth.token.parent.type',
    type: 'enum',
    class: 'plain',
    values: TOKEN_PARENT_TYPES,
  }),
  'oauth.token.scopes': Object.freeze({
    name: 'oauth.token.scopes',
    type: 'string[]',
    class: 'plain',
  }),
  'oauth.token.subject': Object.freeze({
    name: 'oauth.token.subject',
    type: 'string',
    class: 'pseudonym',
  }),
  'oauth.token.subject_type': Object.freeze({
    name: 'oauth.token.subject_type',
    type: 'enum',
    class: 'plain',
    values: TOKEN_SUBJECT_TYPES,
  }),
  'oauth.token.type': Object.freeze({
    name: 'oauth.token.type',
    type: 'enum',
    class: 'plain',
    values: TOKEN_TYPES,
  }),
  'oauth.validation.method': Object.freeze({
    name: 'oauth.validation.method',
    type: 'enum',
    class: 'plain',
    values: VALIDATION_METHODS,
  }),
  'security_rule.name': Object.freeze({
    name: 'security_rule.name',
    type: 'string',
    class: 'plain',
  }),
  'security_rule.ruleset.name': Object.freeze({
    name: 'security_rule.ruleset.name',
    type: 'string',
    class: 'plain',
  }),
  'security_rule.uuid': Object.freeze({
    name: 'security_rule.uuid',
    type: 'string',
    class: 'plain',
  }),
  'security_rule.version': Object.freeze({
    name: 'security_rule.version',
    type: 'string',
    class: 'plain',
  }),
  'session.id': Object.freeze({ name: 'session.id', type: 'string', class: 'plain' }),
  'tokentrail.aggregate.count': Object.freeze({
    name: 'tokentrail.aggregate.count',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.aggregate.from': Object.freeze({
    name: 'tokentrail.aggregate.from',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.aggregate.to': Object.freeze({
    name: 'tokentrail.aggregate.to',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.alert.id': Object.freeze({
    name: 'tokentrail.alert.id',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.alert.record_ids': Object.freeze({
    name: 'tokentrail.alert.record_ids',
    type: 'string[]',
    class: 'plain',
  }),
  'tokentrail.alert.severity': Object.freeze({
    name: 'tokentrail.alert.severity',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.capture.hook': Object.freeze({
    name: 'tokentrail.capture.hook',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.client.asn': Object.freeze({
    name: 'tokentrail.client.asn',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.clock.offset': Object.freeze({
    name: 'tokentrail.clock.offset',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.delivery.destination': Object.freeze({
    name: 'tokentrail.delivery.destination',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.delivery.record_ids': Object.freeze({
    name: 'tokentrail.delivery.record_ids',
    type: 'string[]',
    class: 'plain',
  }),
  'tokentrail.delivery.status_code': Object.freeze({
    name: 'tokentrail.delivery.status_code',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.erasure.id': Object.freeze({
    name: 'tokentrail.erasure.id',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.erasure.reason': Object.freeze({
    name: 'tokentrail.erasure.reason',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.evidence.action': Object.freeze({
    name: 'tokentrail.evidence.action',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.evidence.count': Object.freeze({
    name: 'tokentrail.evidence.count',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.evidence.filter': Object.freeze({
    name: 'tokentrail.evidence.filter',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.gap.from': Object.freeze({
    name: 'tokentrail.gap.from',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.gap.reason': Object.freeze({
    name: 'tokentrail.gap.reason',
    type: 'enum',
    class: 'plain',
    values: GAP_REASONS,
  }),
  'tokentrail.gap.to': Object.freeze({ name: 'tokentrail.gap.to', type: 'string', class: 'plain' }),
  'tokentrail.identity.issuer': Object.freeze({
    name: 'tokentrail.identity.issuer',
    type: 'string',
    class: 'identity',
  }),
  'tokentrail.identity.key': Object.freeze({
    name: 'tokentrail.identity.key',
    type: 'string',
    class: 'identity',
  }),
  'tokentrail.identity.kind': Object.freeze({
    name: 'tokentrail.identity.kind',
    type: 'enum',
    class: 'identity',
    values: IDENTITY_KINDS,
  }),
  'tokentrail.identity.pseudonym': Object.freeze({
    name: 'tokentrail.identity.pseudonym',
    type: 'string',
    class: 'identity',
  }),
  'tokentrail.identity.value': Object.freeze({
    name: 'tokentrail.identity.value',
    type: 'string',
    class: 'identity',
  }),
  'tokentrail.leaf': Object.freeze({ name: 'tokentrail.leaf', type: 'string', class: 'plain' }),
  'tokentrail.loss.count': Object.freeze({
    name: 'tokentrail.loss.count',
    type: 'int',
    class: 'plain',
  }),
  'tokentrail.loss.from': Object.freeze({
    name: 'tokentrail.loss.from',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.loss.reason': Object.freeze({
    name: 'tokentrail.loss.reason',
    type: 'enum',
    class: 'plain',
    values: LOSS_REASONS,
  }),
  'tokentrail.loss.to': Object.freeze({
    name: 'tokentrail.loss.to',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.policy.previous_version': Object.freeze({
    name: 'tokentrail.policy.previous_version',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.policy.version': Object.freeze({
    name: 'tokentrail.policy.version',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.recorder.version': Object.freeze({
    name: 'tokentrail.recorder.version',
    type: 'string',
    class: 'plain',
  }),
  'tokentrail.response.streaming': Object.freeze({
    name: 'tokentrail.response.streaming',
    type: 'boolean',
    class: 'plain',
  }),
  'tokentrail.session.record_ids': Object.freeze({
    name: 'tokentrail.session.record_ids',
    type: 'string[]',
    class: 'plain',
  }),
  'tokentrail.truncated': Object.freeze({
    name: 'tokentrail.truncated',
    type: 'string[]',
    class: 'plain',
  }),
  'url.path': Object.freeze({ name: 'url.path', type: 'string', class: 'plain' }),
  'user.email': Object.freeze({ name: 'user.email', type: 'string', class: 'identity' }),
  'user.full_name': Object.freeze({ name: 'user.full_name', type: 'string', class: 'identity' }),
  'user.hash': Object.freeze({ name: 'user.hash', type: 'string', class: 'pseudonym' }),
  'user.id': Object.freeze({ name: 'user.id', type: 'string', class: 'identity' }),
  'user.name': Object.freeze({ name: 'user.name', type: 'string', class: 'identity' }),
  'user.roles': Object.freeze({ name: 'user.roles', type: 'string[]', class: 'plain' }),
  'user_agent.name': Object.freeze({ name: 'user_agent.name', type: 'string', class: 'plain' }),
  'user_agent.original': Object.freeze({
    name: 'user_agent.original',
    type: 'string',
    class: 'pseudonym',
  }),
})

/** Names, or prefixes of names, that credentials travel in: they must never be recorded. */
export const NEVER_ATTRIBUTES: readonly string[] = Object.freeze([
  'error.message',
  'exception.message',
  'exception.stacktrace',
  'exception.type',
  'http.request.header',
  'url.full',
  'url.query',
])
