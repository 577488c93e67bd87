export { CLAIM_NAMES } from './facts.ts'
export { createRecordEncoder, encodeLogRecord } from './encode/encode.ts'
export { encodeIdentity } from './encode/encode-identity.ts'
export { decodeRecord } from './decode/decode.ts'
export { decodeIdentity } from './decode/decode-identity.ts'
export { projectRecord } from './decode/projection.ts'
export { severityOf } from '@tokentrail/ledger'
export { createPseudonymizer, formatPseudonymKey } from './pseudonym.ts'
export { sessionKey } from './session-key.ts'
export { judge } from './request/judge.ts'
export { parsePolicy, policyVersion } from './policy/policy.ts'
export { PROFILE_NAMES } from './profiles/profiles.ts'
export { claimNameOf, recogniseProfile } from './profiles/profile-finder.ts'
export { identityOfStamp } from './recorder/stamp.ts'
export { buildBackchannelLogout } from './events/backchannel-logout.ts'
export { createRecorder } from './recorder/recorder.ts'
export { redactPath } from './request/redact-path.ts'
export { createSessionizer } from './sessionizer/sessionizer.ts'
export { SessionError } from './errors.ts'
export type { Clock } from './clock.ts'
export type { DecodedRecord } from './decode/decode.ts'
export type { DecodedIdentity } from './decode/decode-identity.ts'
export type { EncodedRecord } from './encode/encoded-record.ts'
export type { RecordEncoder } from './encode/encode.ts'
export type { SessionErrorCode } from './errors.ts'
export type { Identification } from './recorder/identification.ts'
export type { JudgedFacts, Judgement } from './request/judge.ts'
export { createTokenBucket } from './recorder/token-bucket.ts'
export type { LogMemoryOptions } from './recorder/log-memory.ts'
export type { Hash, Policy, PolicyRoute } from './policy/policy.ts'
export type { ClaimPath, IssuerProfile, MachineSign } from './profiles/issuer-profile.ts'
export type { IssuerClaims, ProfileFinderOptions } from './profiles/profile-finder.ts'
export type { RecordProjection } from './decode/projection.ts'
export type { RejectionLimits } from './recorder/rejection-budget.ts'
export type { TokenBucket } from './recorder/token-bucket.ts'
export type { Recorder, RecorderOptions } from './recorder/recorder.ts'
export type { Sessionizer, SessionizerOptions } from './sessionizer/sessionizer.ts'
export type { StampFacts } from './recorder/stamp.ts'
export type { Hmac, Pseudonymizer, PseudonymizerOptions, PseudonymKind } from './pseudonym.ts'
export type { SessionFacts, SessionKey, SessionRule } from './session-key.ts'
export type { Checksum } from './token/signed-tokens.ts'
export type { EventFacts, EventToken } from './events/event-facts.ts'
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
