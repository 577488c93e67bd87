import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { encodeTimestampRequest, formatHex, parseTimestampResponse } from '../src/index.ts'

const TEXT = 'registry.example.com/1\n5\nAAAA\n'
const nonce = Uint8Array.of(0, 0x9f, 1, 2, 3)

test('a request says what RFC 3161 wants, in DER', () => {
  expect(formatHex(encodeTimestampRequest('abc', { nonce, withCertificate: false }))).toBe(
    // SEQUENCE { 1, SEQUENCE { SEQUENCE { sha256, NULL }, imprint }, nonce }
    '303d0201013031300d060960864801650304020105000420' +
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' +
      '0205009f010203',
  )
})

const openssl = spawnSync('openssl', ['version']).status === 0
if (!openssl) console.log('Skipped: time-stamps of OpenSSL, because there is no openssl on PATH.')

describe.skipIf(!openssl)('with the authority of OpenSSL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-tsa-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const run = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder })
    if (status !== 0) throw new Error(stderr.toString())
  }
  const config = `
[ca]
basicConstraints=critical,CA:true
[tsa]
extendedKeyUsage=critical,timeStamping
[t]
serial=serial
signer_cert=tsa.pem
signer_key=tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1
ordering=yes
ess_cert_id_alg=sha256
[req]
distinguished_name=dn
[dn]
`
  function answer(text: string, withCertificate: boolean): Uint8Array {
    writeFileSync(join(folder, 'c.cnf'), config)
    writeFileSync(join(folder, 'serial'), '01')
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.pem',
      '-subj', '/CN=Test TSA', '-config', 'c.cnf', '-extensions', 'tsa') // prettier-ignore
    writeFileSync(join(folder, 'q.tsq'), encodeTimestampRequest(text, { nonce, withCertificate }))
    run('ts', '-reply', '-config', 'c.cnf', '-section', 't', '-queryfile', 'q.tsq', '-out', 'r.tsr')
    return readFileSync(join(folder, 'r.tsr'))
  }

  test('the answer to our request is read: time, serial, policy, nonce, certificate', () => {
    const token = parseTimestampResponse(answer(TEXT, true), TEXT)
    expect(Math.abs(token.timeMillis - Date.now())).toBeLessThan(120_000)
    expect(token).toMatchObject({ policy: '1.2.3.4.1', serial: '02', nonce: '9f010203' })
    expect(token.certificates).toHaveLength(1)
    expect(token.signer).toMatchObject({ digestAlgorithm: '2.16.840.1.101.3.4.2.1' })
    expect(parseTimestampResponse(answer(TEXT, false), TEXT).certificates).toEqual([])
  })

  test('one over another text, a cut one and a refusal are refused', () => {
    const response = answer(TEXT, true)
    const code = (call: () => unknown): unknown => {
      try {
        return call()
      } catch (error) {
        return (error as { code: unknown }).code
      }
    }
    expect(code(() => parseTimestampResponse(response, `${TEXT} `))).toBe(
      'ERR_LEDGER_SIGNATURE_INVALID',
    )
    for (const length of [0, 1, 9, 100, response.length - 1]) {
      expect(code(() => parseTimestampResponse(response.subarray(0, length), TEXT))).toBe(
        'ERR_LEDGER_ENCODING_INVALID',
      )
    }
    const more = Uint8Array.of(...response, 0)
    expect(code(() => parseTimestampResponse(more, TEXT))).toBe('ERR_LEDGER_ENCODING_INVALID')
    const rejection = Uint8Array.of(0x30, 5, 0x30, 3, 2, 1, 2)
    expect(code(() => parseTimestampResponse(rejection, TEXT))).toBe('ERR_LEDGER_ENCODING_INVALID')
  })
})
