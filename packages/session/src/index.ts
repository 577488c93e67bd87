export { CLAIM_NAMES } from './facts.ts'
export { createRecordEncoder, encodeLogRecord } from './encode.ts'
export { encodeIdentity } from './encode-identity.ts'
export { decodeRecord } from './decode.ts'
export { decodeIdentity } from './decode-identity.ts'
export { projectRecord } from './projection.ts'
export { severityOf } from './severity.ts'
export { createPseudonymizer, formatPseudonymKey } from './pseudonym.ts'
export { sessionKey } from './session-key.ts'
export { judge } from './judge.ts'
export { parsePolicy, policyVersion } from './policy.ts'
export { createRecorder } from './recorder.ts'
export { redactPath } from './redact-path.ts'
export { createSessionizer } from './sessionizer.ts'
export { SessionError } from './errors.ts'
export type { Clock } from './clock.ts'
export type { DecodedRecord } from './decode.ts'
export type { DecodedIdentity } from './decode-identity.ts'
export type { EncodedRecord } from './encoded-record.ts'
export type { RecordEncoder } from './encode.ts'
export type { SessionErrorCode } from './errors.ts'
export type { Identification } from './identification.ts'
export type { JudgedFacts, Judgement } from './judge.ts'
export type { LogMemoryOptions } from './log-memory.ts'
export type { Hash, Policy, PolicyRoute } from './policy.ts'
export type { RecordProjection } from './projection.ts'
export type { Recorder, RecorderOptions } from './recorder.ts'
export type { Sessionizer, SessionizerOptions } from './sessionizer.ts'
export type { StampFacts } from './stamp.ts'
export type { Hmac, Pseudonymizer, PseudonymizerOptions, PseudonymKind } from './pseudonym.ts'
export type { SessionFacts, SessionKey, SessionRule } from './session-key.ts'
export type {
  Challenge,
  RequestFacts,
  StampAttributes,
  TokenRejection,
  VerifiedClaims,
  VerifiedToken,
} from './facts.ts'
export type { AttributeValue, Attributes, Identity, RecordDraft, RecordValue } from './record.ts'
export type { RecordSink } from './sink.ts'
export type {
  IdentityKind,
  RejectionReason,
  ValidationMethod,
} from '@tokentrail/semantic-conventions'
