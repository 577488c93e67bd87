export { CLAIM_NAMES } from './facts.ts'
export type { Clock } from './clock.ts'
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
