import { concatBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'

/** Tags of ASN.1 that RFC 3161 and CMS use. */
export const DER: Readonly<
  Record<
    | 'boolean'
    | 'integer'
    | 'octets'
    | 'null'
    | 'oid'
    | 'sequence'
    | 'set'
    | 'generalizedTime'
    | 'context0',
    number
  >
> = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
  context0: 0xa0,
})

/** One element of a DER encoding (X.690): tag, length, content. */
export interface DerElement {
  readonly tag: number
  /** Tag, length and content. */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
}

/** Encodes one element. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents)
  return concatBytes(Uint8Array.of(tag), encodeLength(content.length), content)
}

/** Encodes an object identifier in dotted form. */
export function encodeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [40 * first + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80)
    }
    return groups
  })
  return encodeDer(DER.oid, Uint8Array.from(bytes))
}

/** Encodes an integer that is not negative, given as bytes, most significant first. */
export function encodeUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const significant = bytes.subarray(start)
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0
  return encodeDer(DER.integer, isNegative ? Uint8Array.of(0) : new Uint8Array(0), significant)
}

/**
 * Decodes the one element that the bytes are.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function decodeDer(bytes: Uint8Array): DerElement {
  const element = readElement(bytes, 0)
  if (element.bytes.length !== bytes.length) throw malformed('there is more behind it')
  return element
}

/** Decodes what a constructed element holds. */
export function decodeMembers(element: DerElement): readonly DerElement[] {
  const members: DerElement[] = []
  for (let at = 0; at < element.content.length;) {
    const member = readElement(element.content, at)
    members.push(member)
    at += member.bytes.length
  }
  return members
}

function readElement(bytes: Uint8Array, start: number): DerElement {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw malformed('it ends too early')
  if ((tag & 0x1f) === 0x1f) throw malformed('its tag has more than one byte')
  const count = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || count > 4) throw malformed('its length is not definite')
  let length = first < 0x80 ? first : 0
  for (let at = 0; at < count; at++) length = length * 256 + (bytes[start + 2 + at] ?? 0)
  const from = start + 2 + count
  if (from + length > bytes.length) throw malformed('it ends too early')
  const isMinimal = encodeLength(length).length === 1 + count
  if (!isMinimal) throw malformed('its length is not in the shortest form')
  return {
    tag,
    bytes: bytes.subarray(start, from + length),
    content: bytes.subarray(from, from + length),
  }
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left & 0xff)
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', `DER: ${what}`)
}
