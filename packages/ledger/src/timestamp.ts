import { sha256 } from '#crypto'
import { isEqualBytes } from './bytes.ts'
import {
  DER,
  decodeDer,
  decodeMembers,
  encodeDer,
  encodeOid,
  encodeUnsigned,
  type DerElement,
} from './der.ts'
import { LedgerError } from './errors.ts'
import { formatHex } from './hex.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'

/** Options of {@link encodeTimestampRequest}. */
export interface TimestampRequestOptions {
  /** At most 16 random bytes that the answer must repeat. */
  readonly nonce: Uint8Array
  /** Whether the authority is to put its certificate into the token. Default is `true`. */
  readonly withCertificate?: boolean
}

/**
 * Encodes the request for a time-stamp over a text (RFC 3161 §2.4.1): version 1, SHA-256 imprint of
 * its UTF-8, nonce, `certReq`.
 */
export function encodeTimestampRequest(text: string, options: TimestampRequestOptions): Uint8Array {
  const { nonce, withCertificate = true } = options
  return encodeDer(
    DER.sequence,
    encodeUnsigned(Uint8Array.of(1)),
    encodeImprint(text),
    encodeUnsigned(nonce),
    ...(withCertificate ? [encodeDer(DER.boolean, Uint8Array.of(0xff))] : []),
  )
}

/** A time-stamp token that was taken apart; its signature is not checked. */
export interface TimestampToken {
  /** POSIX milliseconds at which the authority says that it saw the imprint. */
  readonly timeMillis: number
  /** Serial number, hexadecimal. */
  readonly serial: string
  /** Policy under which it was issued, dotted. */
  readonly policy: string
  /** Nonce of the request, without leading zeros, hexadecimal; absent when there is none. */
  readonly nonce?: string
  /** Certificates in the token, DER. */
  readonly certificates: readonly Uint8Array[]
  readonly signer: TimestampSigner
}

/** Who signed a token, and over what. */
export interface TimestampSigner {
  /** Issuer's name (DER) and serial number (hexadecimal) of the certificate, if it is named so. */
  readonly issuer?: Uint8Array
  readonly serial?: string
  /** Object identifiers, dotted. */
  readonly digestAlgorithm: string
  readonly signatureAlgorithm: string
  /** What the signature is over: the signed attributes as a SET. */
  readonly signedBytes: Uint8Array
  readonly signature: Uint8Array
  /** Digest of the token's content, which the signed attributes name. */
  readonly messageDigest: Uint8Array
  /** The content that the digest is of. */
  readonly content: Uint8Array
}

/**
 * Parses the answer of a time-stamp authority (RFC 3161 §2.4.2) over a text: granted, a CMS
 * SignedData with a TSTInfo, whose imprint is that of the text.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID` when it is no such answer;
 *   `ERR_LEDGER_SIGNATURE_INVALID` when it is over another text.
 */
export function parseTimestampResponse(response: Uint8Array, text: string): TimestampToken {
  const [status, token] = members(decodeDer(response), DER.sequence)
  const granted = members(status, DER.sequence)[0]?.content
  if (granted?.length !== 1 || granted[0]! > 1) throw malformed('it was not granted')
  const [type, wrapped] = members(token, DER.sequence)
  if (readOid(type) !== SIGNED_DATA) throw malformed('it is no signed data')
  const signed = members(members(wrapped, DER.context0)[0], DER.sequence)
  const [, , encapsulated] = signed
  const [contentType, contentHolder] = members(encapsulated, DER.sequence)
  if (readOid(contentType) !== TST_INFO) throw malformed('it holds no TSTInfo')
  const content = expect(members(contentHolder, DER.context0)[0], DER.octets).content
  const certificates = signed.find(({ tag }) => tag === DER.context0)
  const signers = signed.at(-1)
  return {
    ...parseInfo(content, text),
    certificates:
      certificates === undefined ? [] : decodeMembers(certificates).map(({ bytes }) => bytes),
    signer: parseSigner(members(signers, DER.set), content),
  }
}

function parseInfo(
  content: Uint8Array,
  text: string,
): Pick<TimestampToken, 'timeMillis' | 'serial' | 'policy' | 'nonce'> {
  const [, policy, imprint, serial, time, ...rest] = members(decodeDer(content), DER.sequence)
  if (imprint === undefined || !isEqualBytes(imprint.bytes, encodeImprint(text))) {
    throw new LedgerError('ERR_LEDGER_SIGNATURE_INVALID', 'time-stamp is over another text')
  }
  const nonce = rest.find(({ tag }) => tag === DER.integer)
  return {
    policy: readOid(policy),
    serial: readHex(serial),
    timeMillis: readTime(expect(time, DER.generalizedTime).content),
    ...(nonce !== undefined && { nonce: readHex(nonce) }),
  }
}

function parseSigner(signers: readonly DerElement[], content: Uint8Array): TimestampSigner {
  if (signers.length !== 1) throw malformed('it must have one signer')
  const [, identifier, digest, attributes, algorithm, signature] = members(signers[0], DER.sequence)
  const list = members(attributes, DER.context0)
  // RFC 5652 §11.1: what was signed is a TSTInfo only if the signed attributes say so.
  if (readOid(readAttribute(list, CONTENT_TYPE)) !== TST_INFO) {
    throw malformed('its signer has signed another type of content')
  }
  const messageDigest = expect(readAttribute(list, MESSAGE_DIGEST), DER.octets).content
  const [issuer, serial] = identifier?.tag === DER.sequence ? decodeMembers(identifier) : []
  return {
    ...(issuer !== undefined && { issuer: issuer.bytes }),
    ...(serial !== undefined && { serial: readHex(serial) }),
    digestAlgorithm: readOid(members(digest, DER.sequence)[0]),
    signatureAlgorithm: readOid(members(algorithm, DER.sequence)[0]),
    // RFC 5652 §5.4: the digest is over the attributes with the tag of a SET.
    signedBytes: encodeDer(DER.set, expect(attributes, DER.context0).content),
    signature: expect(signature, DER.octets).content,
    messageDigest,
    content,
  }
}

function readAttribute(attributes: readonly DerElement[], oid: string): DerElement | undefined {
  for (const attribute of attributes) {
    const [name, values] = members(attribute, DER.sequence)
    if (readOid(name) === oid) return members(values, DER.set)[0]
  }
  return undefined
}

function encodeImprint(text: string): Uint8Array {
  const algorithm = encodeDer(DER.sequence, encodeOid(SHA256), encodeDer(DER.null))
  return encodeDer(DER.sequence, algorithm, encodeDer(DER.octets, sha256(text)))
}

function members(element: DerElement | undefined, tag: number): readonly DerElement[] {
  return decodeMembers(expect(element, tag))
}

function expect(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw malformed('an element is missing or of another kind')
  return element
}

function readOid(element: DerElement | undefined): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of expect(element, DER.oid).content) {
    arc = arc * 128 + (byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    arcs.push(arc)
    arc = 0
  }
  const [head = 0, ...rest] = arcs
  const first = Math.min(2, Math.floor(head / 40))
  return [first, head - 40 * first, ...rest].join('.')
}

function readHex(element: DerElement | undefined): string {
  return formatHex(expect(element, DER.integer).content).replace(/^(?:00)+(?=.)/, '')
}

/** GeneralizedTime in UTC, with or without a fraction (RFC 3161 §2.4.2). */
function readTime(content: Uint8Array): number {
  const text = new TextDecoder().decode(content)
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(text)
  if (match === null) throw malformed('its time is not in UTC')
  const [, year, month, day, hour, minute, second, fraction = ''] = match
  const millis = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(millis)) throw malformed('its time is none')
  return millis + Math.floor(Number(`0${fraction}`) * 1000)
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', `time-stamp: ${what}`)
}
