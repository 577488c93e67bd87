import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/** A key and a certificate that it signed itself, for one test run. */
export interface SelfSigned {
  readonly key: string
  readonly cert: string
  /** SHA-256 of the certificate, base64url: `x5t#S256` of RFC 8705 §3.1. */
  readonly thumbprint: string
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const BIT_STRING = 0x03

/** One DER element (X.690 §8.1). */
function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')))
  const { length } = content
  const octets = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...octets]), content])
}

/** Makes a certificate for an EC key (RFC 5280 §4.1), valid from 2020 to 2049. */
export function createSelfSigned(name: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // ecdsa-with-SHA256, RFC 5758 §3.2.
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = der(OBJECT_IDENTIFIER, Buffer.from('550403', 'hex'))
  const holder = der(SEQUENCE, der(SET, der(SEQUENCE, commonName, der(UTF8_STRING, name))))
  const validity = der(SEQUENCE, der(UTC_TIME, '200101000000Z'), der(UTC_TIME, '491231235959Z'))
  const content = der(
    SEQUENCE,
    der(INTEGER, '\x01'),
    algorithm,
    holder,
    validity,
    holder,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', content, privateKey)
  const certificate = der(SEQUENCE, content, algorithm, der(BIT_STRING, '\x00', signature))
  const base64 = certificate
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    thumbprint: createHash('sha256').update(certificate).digest('base64url'),
  }
}
