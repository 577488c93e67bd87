import type { LogState, RecordProof } from '../api-types.ts'
import type { Recovery } from './succession.ts'

/** Says in plain sentences what a proof shows, and what it does not. */
export function explainProof(proof: RecordProof, log: LogState): readonly string[] {
  const place = formatPlace(proof, log.origin)
  const hash = formatHash(proof)
  if (proof.state === 'pending') return [place, hash, ...explainPending(log)]
  return [
    place,
    hash,
    explainPath(proof),
    `That root stands in the log's signed head for its first ${proof.treeSize} records` +
      `${formatSignedAt(proof.signedAt)}; the signature is good.`,
    ...explainCertificate(proof),
    `So neither this record nor any of the ${proof.treeSize} records was changed, removed, added ` +
      'or put elsewhere after that head was signed.',
    ...explainLimits(proof),
  ]
}

/** Says what the proof of a record shows whose log died before it could sign it. */
export function explainSuccessor(
  proof: RecordProof,
  origin: string,
  { by, index }: Recovery,
): readonly string[] {
  return [
    formatPlace(proof, origin),
    formatHash(proof),
    explainPath(proof),
    'The process of this log died before it signed that root. The next process in its place found ' +
      `the journal and put the root into its own log, as record ${index} of ${by}.`,
    `That record is proven in turn${formatSignedAt(proof.signedAt)}.`,
    ...explainCertificate(proof),
    'Between the death and that moment the journal lay unsigned on the disk of its machine.',
    ...explainLimits(proof),
  ]
}

function formatPlace({ index }: RecordProof, origin: string): string {
  return `This record is number ${index} of the log ${origin}.`
}

function formatHash({ leaf }: RecordProof): string {
  return `SHA-256 over a zero byte and its text, byte for byte, is ${leaf}.`
}

function explainPending(log: LogState): readonly string[] {
  if (log.size < log.records) {
    return [
      `Of its log, records 0 to ${log.size - 1} have arrived without a hole; ` +
        'the proof follows when what is missing before it has arrived.',
    ]
  }
  if (log.state === 'running') {
    return ['No signed head covers it yet. The log signs one at least every minute.']
  }
  return [
    'No signed head covers it, and its log has been silent for longer than a running log stays: ' +
      'its process has probably died. The next process in its place signs what it left behind.',
  ]
}

function explainPath(proof: RecordProof): string {
  if (proof.path.length === 0) return 'It is the only record, so the root is its hash.'
  const neighbours = proof.path.length === 1 ? 'hash of its neighbour' : 'hashes of its neighbours'
  return `With ${proof.path.length} ${neighbours} it gives the root ${proof.root}.`
}

function formatSignedAt(signedAt: string | null): string {
  if (signedAt === null) return ''
  return `, signed at ${new Date(Number(BigInt(signedAt) / 1_000_000n)).toISOString()}`
}

function explainCertificate({ certificate }: RecordProof): readonly string[] {
  if (certificate === null) return []
  const { notBefore, notAfter } = certificate
  return [
    `The key that signed it was certified for this log alone, from ${notBefore} to ${notAfter}, ` +
      'by a root key that this viewer trusts.',
  ]
}

function explainLimits({ certificate }: RecordProof): readonly string[] {
  if (certificate?.selfIssued !== true) return []
  return [
    'The root key was made by the same installation (self-issued): whoever holds it could have ' +
      'written another history. Only a copy kept elsewhere, or an outside witness, would show that.',
  ]
}
