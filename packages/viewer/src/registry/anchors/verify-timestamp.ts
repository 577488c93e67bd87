import { createHash, verify, X509Certificate, type VerifyKeyObjectInput } from 'node:crypto'
import {
  parseTimestampResponse,
  type CheckedTimestamp,
  type TimestampSigner,
  type TimestampToken,
} from '@tokentrail/ledger'

/** Extended key usage `id-kp-timeStamping` (RFC 3161 §2.3). */
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** Signature algorithms that say which digest they use; the others use that of the token. */
const SIGNATURE_DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

const PLAIN_RSA = '1.2.840.113549.1.1.1'
/** Longest chain from the authority's certificate to a trusted one. */
const MAX_CHAIN = 8

/**
 * Verifies an RFC 3161 response over a text: the token's digest, its signature (RSA PKCS #1 v1.5 or
 * ECDSA), the extended key usage of the signer's certificate, and its chain to a certificate that
 * is trusted, each in force at the time that the token names. Revocation is not looked up: a token
 * stays true when its authority's key was given up later.
 *
 * @param trusted - Certificates of authorities, or of those that certify them. A token without
 *   certificates needs the authority's own among them.
 * @returns `undefined` when it is by an authority that is not trusted, be it true or not.
 * @throws Error that says what does not hold.
 */
export function verifyTimestamp(
  response: Uint8Array,
  text: string,
  trusted: readonly X509Certificate[],
): CheckedTimestamp | undefined {
  const token = parseTimestampResponse(response, text)
  const carried = token.certificates.map((der) => new X509Certificate(der))
  const signer = findSigner(token, [...carried, ...trusted])
  const chain = signer && findChain(signer, carried, trusted)
  if (signer === undefined || chain === undefined) return undefined
  checkSignature(token.signer, signer)
  if (!signer.keyUsage?.includes(TIME_STAMPING)) {
    throw new Error('the certificate that signed it is not for time-stamps')
  }
  if (!chain.every((certificate) => isInForce(certificate, token.timeMillis))) {
    throw new Error('a certificate of its chain was not in force')
  }
  return { seconds: Math.floor(token.timeMillis / 1000), authority: commonName(signer) }
}

function findSigner(
  { signer: { serial } }: TimestampToken,
  certificates: readonly X509Certificate[],
): X509Certificate | undefined {
  const normal = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '')
  return certificates.find(
    ({ serialNumber }) => serial !== undefined && normal(serialNumber) === normal(serial),
  )
}

function checkSignature(signer: TimestampSigner, certificate: X509Certificate): void {
  const digest = DIGESTS[signer.digestAlgorithm]
  if (digest === undefined) throw new Error('its digest algorithm is not one that is trusted')
  const own = createHash(digest).update(signer.content).digest()
  if (!own.equals(signer.messageDigest)) throw new Error('its content was altered')
  const algorithm = SIGNATURE_DIGESTS[signer.signatureAlgorithm]
  if (algorithm === undefined && signer.signatureAlgorithm !== PLAIN_RSA) {
    throw new Error('its signature algorithm is not one that is trusted')
  }
  const key: VerifyKeyObjectInput = { key: certificate.publicKey }
  if (!verify(algorithm ?? digest, signer.signedBytes, key, signer.signature)) {
    throw new Error('its signature does not hold')
  }
}

/** From the signer's certificate to one that is trusted. */
function findChain(
  signer: X509Certificate,
  carried: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const chain = [signer]
  for (let certificate = signer; chain.length <= MAX_CHAIN; chain.push(certificate)) {
    const { fingerprint256: own } = certificate
    if (trusted.some(({ fingerprint256 }) => fingerprint256 === own)) return chain
    const issuer = [...trusted, ...carried].find((candidate) => issued(candidate, certificate))
    if (issuer === undefined || issuer.fingerprint256 === own) return undefined
    certificate = issuer
  }
  return undefined
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isInForce({ validFrom, validTo }: X509Certificate, timeMillis: number): boolean {
  return Date.parse(validFrom) <= timeMillis && timeMillis <= Date.parse(validTo)
}

function commonName({ subject, fingerprint256 }: X509Certificate): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? fingerprint256
}
