export { canonicalize } from './jcs.ts'
export { severityOf } from './severity.ts'
export { formatBase64, formatBase64Url, parseBase64, parseBase64Url } from './base64.ts'
export { formatHex, parseHex } from './hex.ts'
export { HASH_BYTES, emptyRoot, hashLeaf, hashLeafInto, hashNode } from './hash.ts'
export { buildRoot, createMerkleTree } from './tree.ts'
export {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './proof.ts'
export {
  buildConsistencyProof,
  buildInclusionProof,
  createProofBuilder,
  findSubtreeCover,
} from './proof-builder.ts'
export {
  COSIGNATURE_TYPE,
  ED25519_TYPE,
  createVerifierKey,
  formatVerifierKey,
  keyId,
  parseVerifierKey,
} from './key.ts'
export { formatNote, openNote, parseNote } from './note.ts'
export { createCosigner, createNoteSigner } from './signer.ts'
export { formatCheckpoint, parseCheckpoint } from './checkpoint.ts'
export { buildCheckpointNote } from './checkpoint-note.ts'
export {
  CHECKPOINT_TYPE,
  buildClosingCheckpointText,
  decodeCheckpointRecord,
  encodeCheckpointMembers,
} from './checkpoint-record.ts'
export { decodeRoutes, encodeRoutes } from './routes.ts'
export {
  RECOVERED_TYPE,
  decodeRecoveredRecord,
  encodeRecoveredMembers,
} from './recovered-record.ts'
export { LOST_LEAF, findLostLeaves } from './lost-leaves.ts'
export {
  CERTIFICATE_TYPE,
  ERASURE_CERTIFICATE_TYPE,
  MAX_CERTIFICATE_SECONDS,
  REGISTRY_CERTIFICATE_TYPE,
  SELF_ISSUED,
  parseCertificateClaims,
  verifyCertificate,
} from './certificate.ts'
export {
  ISSUER_CERTIFICATE_TYPE,
  MAX_ISSUER_SECONDS,
  parseIssuerClaims,
  verifyIssuerCertificate,
} from './issuer-certificate.ts'
export { formatTlogProof, parseTlogProof } from './tlog-proof.ts'
export { buildProofBundle } from './bundle/build-bundle.ts'
export { formatProofBundle, isProofBundle, parseProofBundle } from './bundle/proof-bundle.ts'
export { listTlogProofs } from './bundle/bundle-proofs.ts'
export { verifyProofBundle } from './bundle/verify-bundle.ts'
export { buildConsistencyProofOver, buildFrontierOver, buildRootOver } from './proof-over-nodes.ts'
export {
  addSignatureLines,
  formatAddCheckpoint,
  parseAddCheckpoint,
  verifyCosignatures,
} from './witness-request.ts'
export { decideAddCheckpoint } from './witness-decision.ts'
export { isQuorumMet, parseTlogPolicy } from './tlog-policy.ts'
export { encodeTimestampRequest, parseTimestampResponse } from './timestamp.ts'
export { NO_ANCHOR_REMARK, verifyLogs, verifyShards } from './verify/verify-logs.ts'
export { reconcileExports } from './reconcile/reconcile-exports.ts'
export { createLogFollower } from './verify/log-follower.ts'
export { EXIT_CODES, FINDING_VERDICTS } from './verify/verdict.ts'
export { LedgerError } from './errors.ts'

export type { JsonValue } from './jcs.ts'
export type { Frontier, MerkleTree } from './tree.ts'
export type {
  ConsistencyClaim,
  InclusionClaim,
  Proof,
  SubtreeConsistencyClaim,
  SubtreeInclusionClaim,
} from './proof.ts'
export type { ProofBuilder, SubtreeCover } from './proof-builder.ts'
export type { VerifierKey } from './key.ts'
export type { Note, NoteSignature, OpenedNote, VerifiedSignature } from './note.ts'
export type { Cosigner, NoteSigner } from './signer.ts'
export type { Checkpoint } from './checkpoint.ts'
export type { CheckpointNoteInput } from './checkpoint-note.ts'
export type {
  CheckpointContent,
  CheckpointMembers,
  CheckpointRecord,
  ClosingCheckpoint,
} from './checkpoint-record.ts'
export type { RouteRun } from './routes.ts'
export type { RecoveredMembers, RecoveredTail, Recovery } from './recovered-record.ts'
export type { LostRun } from './lost-leaves.ts'
export type { Certificate, CertificateClaims, CertificateKind } from './certificate.ts'
export type { ConfirmedKey, IssuerClaims, IssuerUse } from './issuer-certificate.ts'
export type { TlogProof } from './tlog-proof.ts'
export type { BuildBundleOptions, BundleOutcome, ReadExport } from './bundle/build-bundle.ts'
export type { UnprovenRecord } from './bundle/bundle-writer.ts'
export type {
  BundleHead,
  BundleLog,
  BundleRecord,
  BundleSubject,
  ProofBundle,
} from './bundle/proof-bundle.ts'
export type { RecordProof } from './bundle/bundle-proofs.ts'
export type { BundleReport, ProvenLog, ProvenRecord } from './bundle/verify-bundle.ts'
export type { NodeSource } from './proof-over-nodes.ts'
export type { AddCheckpointRequest } from './witness-request.ts'
export type { WitnessDecision, WitnessKnowledge, WitnessedHead } from './witness-decision.ts'
export type { PolicyGroup, PolicyLog, PolicyWitness, TlogPolicy } from './tlog-policy.ts'
export type { TimestampRequestOptions, TimestampSigner, TimestampToken } from './timestamp.ts'
export type { CheckedTimestamp } from './verify/registry.ts'
export type { VerifyOptions } from './verify/verify-logs.ts'
export type { IntakeShard } from './verify/intake.ts'
export type { NamedExport } from './reconcile/export-shelf.ts'
export type { Difference } from './reconcile/index-runs.ts'
export type {
  ReconcileOptions,
  ReconcileReport,
  ReconciledExport,
  ReconciledLog,
} from './reconcile/reconcile-exports.ts'
export type { LogFollower, LogFollowerOptions, LogFollowerState } from './verify/log-follower.ts'
export type { ExportedRecord, ExportedRecords, RecordSource } from './verify/exported-record.ts'
export type { FindingVerdict, Verdict } from './verify/verdict.ts'
export type {
  Anchor,
  Erasure,
  Finding,
  LogReport,
  Loss,
  LogState,
  VerificationReport,
  VerifiedRoute,
} from './verify/report.ts'
export type { LedgerErrorCode } from './errors.ts'
