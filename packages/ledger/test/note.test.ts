import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createCosigner,
  createNoteSigner,
  createVerifierKey,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  hashLeaf,
  keyId,
  openNote,
  parseBase64,
  parseCheckpoint,
  parseHex,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  type LedgerErrorCode,
} from '../src/index.ts'

const malformed = { code: 'ERR_LEDGER_NOTE_MALFORMED' satisfies LedgerErrorCode }
const badSignature = { code: 'ERR_LEDGER_SIGNATURE_INVALID' satisfies LedgerErrorCode }
const badKey = { code: 'ERR_LEDGER_KEY_MALFORMED' satisfies LedgerErrorCode }

// Test data of golang.org/x/mod/sumdb/note and of C2SP signed-note; see vectors/README.md.
const peterText = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const enochText = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const peterSeed = parseBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').subarray(1)
const text = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`
const peterLine =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const enochLine =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'
const peter = parseVerifierKey(peterText)
const enoch = parseVerifierKey(enochText)

describe('verifier keys', () => {
  test('format and parse are inverses', () => {
    expect(formatVerifierKey(peter)).toBe(peterText)
    expect(formatVerifierKey(enoch)).toBe(enochText)
    expect(peter.id).toBe(0xc74f20a3)
    expect(keyId(peter.name, peter.type, peter.publicKey)).toBe(peter.id)
  })

  test('no part of a key and no mangled key is a key', () => {
    for (let i = 0; i <= peterText.length; i++) {
      for (let j = i + 1; j <= peterText.length; j++) {
        if (i === 0 && j === peterText.length) continue
        expect(() => parseVerifierKey(peterText.slice(i, j))).toThrow(
          expect.objectContaining(badKey),
        )
      }
      const next = String.fromCharCode(peterText.charCodeAt(i) + 1)
      if (i === peterText.length) continue
      const mangled = peterText.slice(0, i) + next + peterText.slice(i + 1)
      expect(() => parseVerifierKey(mangled)).toThrow(expect.objectContaining(badKey))
    }
  })

  test.each([
    'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ` ${peterText}`,
  ])('%s is refused', (key) => {
    expect(() => parseVerifierKey(key)).toThrow(expect.objectContaining(badKey))
  })
})

describe('signed notes', () => {
  test('the Go note is signed again byte for byte', () => {
    const signer = createNoteSigner('PeterNeumann', peterSeed)
    expect(formatVerifierKey(signer.key)).toBe(peterText)
    expect(formatNote({ text, signatures: [signer.sign(text)] })).toBe(`${text}\n${peterLine}`)
  })

  test('the C2SP example verifies', () => {
    const key = parseVerifierKey(
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    )
    const note = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
    expect(openNote(note, [key]).verified).toEqual([{ key }])
  })

  test('signatures of unknown keys are ignored, and those of known keys are told', () => {
    const note = `${text}\n${peterLine}${enochLine}`
    expect(openNote(note, [peter]).verified).toEqual([{ key: peter }])
    expect(openNote(note, [enoch, peter]).verified).toEqual([{ key: peter }, { key: enoch }])
    expect(openNote(note, [peter]).signatures).toHaveLength(2)
  })

  test('a signature that shares only the name or only the id of a known key is ignored', () => {
    const otherId = peterLine.replace('x08g', 'xxxx')
    const otherName = peterLine.replace('PeterNeumann', 'CarmenSandiego')
    const note = `${text}\n${otherId}${otherName}${peterLine}`
    expect(openNote(note, [peter]).verified).toEqual([{ key: peter }])
  })

  test('a known key whose signature fails rejects the note, whatever else signed it', () => {
    const spoiled = `${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`
    for (const note of [`${text}\n${spoiled}`, `${text}\n${enochLine}${spoiled}`]) {
      expect(() => openNote(note, [peter, enoch])).toThrow(expect.objectContaining(badSignature))
    }
    const changed = `x${text}\n${peterLine}`
    expect(() => openNote(changed, [peter])).toThrow(expect.objectContaining(badSignature))
  })

  test('a note without any known signature is rejected', () => {
    const note = `${text}\n${peterLine}${enochLine}`
    expect(() => openNote(note, [])).toThrow(expect.objectContaining(badSignature))
  })

  test('up to 100 signatures are taken, more are refused', () => {
    expect(openNote(`${text}\n${enochLine.repeat(99)}${peterLine}`, [peter]).verified).toHaveLength(
      1,
    )
    expect(() => parseNote(`${text}\n${peterLine.repeat(101)}`)).toThrow(
      expect.objectContaining(malformed),
    )
  })

  test('text and signatures are split at the last blank line', () => {
    const signer = createNoteSigner('a', peterSeed)
    const blank = 'one\n\ntwo\n'
    const note = formatNote({ text: blank, signatures: [signer.sign(blank)] })
    expect(openNote(note, [signer.key]).text).toBe(blank)
  })

  test.each([
    ['no signatures', text],
    ['a blank line only', `${text}\n`],
    ['no final newline', `${text}\n${peterLine.slice(0, -1)}`],
    ['a control character', `\u0001${text}\n${peterLine}`],
    ['CRLF', `${text}\n${peterLine}`.replaceAll('\n', '\r\n')],
    ['a lone surrogate', `\ud800${text}\n${peterLine}`],
    ['a key name with a space', `${text}\n${peterLine.replace('PeterNeumann', 'Peter Neumann')}`],
    ['a key name with a plus', `${text}\n${peterLine.replace('PeterNeumann', 'Peter+Neumann')}`],
    ['a further line', `${text}\n${peterLine}Unexpected line.\n`],
    ['a hyphen for the dash', `${text}\n${peterLine.replace('—', '-')}`],
    ['unpadded base64', `${text}\n${peterLine.replace('AM=', 'AM')}`],
    ['spare base64 bits', `${text}\n${peterLine.replace('AM=', 'AN=')}`],
    ['a signature of nothing but an id', `${text}\n— PeterNeumann x08gow==\n`],
    ['no text', `\n${peterLine}`],
  ])('a note with %s is refused', (_, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining(malformed))
  })

  test('parse and format are inverses', () => {
    const line = fc.stringMatching(/^[ -~é\u{1f600}]*$/u)
    const signature = fc.record({
      name: fc.stringMatching(/^[a-z./é]+$/),
      id: fc.nat({ max: 0xffffffff }),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.array(signature, { minLength: 1, maxLength: 4 }),
        (lines, signatures) => {
          const note = { text: `${lines.join('\n')}\n`, signatures }
          const parsed = parseNote(formatNote(note))
          expect(parsed.text).toBe(note.text)
          expect(
            parsed.signatures.map((s) => ({ ...s, signature: Uint8Array.from(s.signature) })),
          ).toEqual(signatures)
        },
      ),
    )
  })
})

describe('cosignatures', () => {
  const cosigner = createCosigner('witness.example', peterSeed)
  const checkpoint = formatCheckpoint({ origin: 'log', size: 1n, root: hashLeaf('a') })

  test('a cosignature verifies and tells its time', () => {
    const note = formatNote({
      text: checkpoint,
      signatures: [cosigner.sign(checkpoint, 1795466402n)],
    })
    expect(openNote(note, [cosigner.key]).verified).toEqual([
      { key: cosigner.key, timestamp: 1795466402n },
    ])
  })

  test('a cosignature of another time, or of the wrong length, is rejected', () => {
    const { name, id, signature } = cosigner.sign(checkpoint, 1795466402n)
    const later = Uint8Array.from(signature)
    later[7]! ^= 1
    for (const spoiled of [later, signature.subarray(8), signature.subarray(0, 71)]) {
      const note = formatNote({
        text: checkpoint,
        signatures: [{ name, id, signature: spoiled }],
      })
      expect(() => openNote(note, [cosigner.key])).toThrow(expect.objectContaining(badSignature))
    }
  })

  test('one public key has another id for each type', () => {
    const plain = createNoteSigner('witness.example', peterSeed)
    expect(plain.key.id).not.toBe(cosigner.key.id)
    expect(parseVerifierKey(formatVerifierKey(cosigner.key))).toEqual(cosigner.key)
    expect(() => createVerifierKey('a b', 1, cosigner.key.publicKey)).toThrow(TypeError)
  })
})

describe('Ed25519 of RFC 8032 §7.1', () => {
  test.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      'r',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('key %s signs as published', (seed, publicKey, message, signature) => {
    const signer = createNoteSigner('test', parseHex(seed))
    expect(Buffer.from(signer.key.publicKey).toString('hex')).toBe(publicKey)
    expect(Buffer.from(signer.sign(message).signature).toString('hex')).toBe(signature)
  })
})

describe('checkpoints', () => {
  const root = hashLeaf('a')
  const good = formatCheckpoint({ origin: 'example.com/log', size: 7n, root })
  const code = { code: 'ERR_LEDGER_CHECKPOINT_MALFORMED' satisfies LedgerErrorCode }

  test('parse and format are inverses', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[!-~]+$/),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (origin, size, root) => {
          fc.pre(origin !== 'cosignature/v1')
          expect(parseCheckpoint(formatCheckpoint({ origin, size, root }))).toEqual({
            origin,
            size,
            root,
          })
        },
      ),
    )
    const extended = { origin: 'o', size: 0n, root, extensions: ['one', 'two'] }
    expect(parseCheckpoint(formatCheckpoint(extended))).toMatchObject({
      extensions: ['one', 'two'],
    })
  })

  test.each([
    ['no final newline', good.slice(0, -1)],
    ['two lines', 'example.com/log\n7\n'],
    ['a leading zero', good.replace('\n7\n', '\n07\n')],
    ['a sign', good.replace('\n7\n', '\n+7\n')],
    ['a size past 64 bits', good.replace('\n7\n', '\n18446744073709551616\n')],
    ['an empty origin', good.replace('example.com/log', '')],
    ['unpadded base64', good.replace('=', '')],
    ['a short root', `o\n7\nAAAA\n`],
    ['an empty extension line', `${good}\n`],
    ['the origin of a cosignature', good.replace('example.com/log', 'cosignature/v1')],
  ])('a checkpoint with %s is refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining(code))
  })
})

describe('tlog-proof', () => {
  const signer = createNoteSigner('log', peterSeed)
  const checkpointText = formatCheckpoint({ origin: 'log', size: 9n, root: hashLeaf('r') })
  const checkpoint = formatNote({ text: checkpointText, signatures: [signer.sign(checkpointText)] })
  const proof = [hashLeaf('a'), hashLeaf('b')]

  test('parse and format are inverses, with and without extra data and hashes', () => {
    for (const file of [
      { index: 3n, proof, checkpoint },
      { index: 0n, proof: [], checkpoint },
      { index: (1n << 64n) - 1n, proof, checkpoint, extra: Uint8Array.of(1, 2, 3) },
    ]) {
      const parsed = parseTlogProof(formatTlogProof(file))
      expect(formatTlogProof(parsed)).toBe(formatTlogProof(file))
      expect(parsed.index).toBe(file.index)
      expect(parsed.checkpoint).toBe(checkpoint)
    }
  })

  test('it has the lines of the specification', () => {
    expect(formatTlogProof({ index: 3n, proof, checkpoint }).split('\n').slice(0, 5)).toEqual([
      'c2sp.org/tlog-proof@v1',
      'index 3',
      Buffer.from(proof[0]!).toString('base64'),
      Buffer.from(proof[1]!).toString('base64'),
      '',
    ])
  })

  const good = formatTlogProof({ index: 3n, proof, checkpoint })
  test.each([
    ['another header', good.replace('@v1', '@v2')],
    ['no index', good.replace('index 3\n', '')],
    ['a leading zero', good.replace('index 3', 'index 03')],
    ['an index past 64 bits', good.replace('index 3', 'index 18446744073709551616')],
    ['a hash of another length', good.replace('index 3\n', 'index 3\nAAAA\n')],
    ['no checkpoint', good.slice(0, good.indexOf('\n\n') + 2)],
    ['CRLF', good.replaceAll('\n', '\r\n')],
  ])('a proof with %s is refused', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(/tlog-proof|signed note|base64/)
  })
})
