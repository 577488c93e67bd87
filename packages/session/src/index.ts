export { CLAIM_NAMES } from './facts.ts'
export { createRecordEncoder, encodeLogRecord } from './encode.ts'
export { encodeIdentity } from './encode-identity.ts'
export { severityOf } from './severity.ts'
export { createPseudonymizer, formatPseudonymKey } from './pseudonym.ts'
export { sessionKey } from './session-key.ts'
export { SessionError } from './errors.ts'
export type { Clock } from './clock.ts'
export type { EncodedRecord } from './encoded-record.ts'
export type { RecordEncoder } from './encode.ts'
export type { SessionErrorCode } from './errors.ts'
export type { Hmac, Pseudonymizer, PseudonymizerOptions, PseudonymKind } from './pseudonym.ts'
export type { SessionFacts, SessionKey, SessionRule } from './session-key.ts'
export type {
  Challenge,
  RejectionReason,
  RequestFacts,
  StampAttributes,
  TokenRejection,
  ValidationMethod,
  VerifiedClaims,
  VerifiedToken,
} from './facts.ts'
export type {
  AttributeValue,
  Attributes,
  Identity,
  IdentityKind,
  RecordDraft,
  RecordValue,
} from './record.ts'
export type { RecordSink } from './sink.ts'
