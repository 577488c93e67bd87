import { expect, test } from 'vitest'
import { CompactSign, importJWK } from 'jose'
import {
  CERTIFICATE_TYPE,
  NO_ANCHOR_REMARK,
  buildCheckpointNote,
  buildClosingCheckpointText,
  canonicalize,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  encodeCheckpointMembers,
  encodeRoutes,
  formatBase64,
  formatHex,
  hashLeaf,
  parseBase64,
  parseBase64Url,
  verifyLogs,
} from '../src/index.ts'
import { concatBytes } from '../src/bytes.ts'
import vector from './vectors/whole-log.json' with { type: 'json' }

const log = 'orders/0/01a20a23-1100-7000-8000-000000000001'
const seed = parseBase64Url(vector.instanceKey.d)
const signer = createNoteSigner(log, seed)
const cosigner = createCosigner(log, seed)
const leaves = vector.texts.map((text) => hashLeaf(text))

function rootOf(size: number): Uint8Array {
  const tree = createMerkleTree()
  for (const leaf of leaves.slice(0, size)) tree.append(leaf)
  return tree.root()
}

test('the leaves, roots and frontier of the example log are those that were published', () => {
  expect(leaves.slice(0, 5).map(formatHex)).toEqual(vector.leaves)
  expect(formatHex(rootOf(3))).toBe(vector.roots[3])
  expect(formatHex(rootOf(5))).toBe(vector.roots[5])
  const tree = createMerkleTree()
  for (const leaf of leaves.slice(0, 3)) tree.append(leaf)
  expect(formatBase64(concatBytes(...tree.frontier().hashes))).toBe(vector.frontierOf3)
  const continued = createMerkleTree({
    size: 3,
    hashes: [0, 32].map((at) => parseBase64(vector.frontierOf3).subarray(at, at + 32)),
  })
  for (const leaf of leaves.slice(3, 5)) continued.append(leaf)
  expect(formatHex(continued.root())).toBe(vector.roots[5])
})

test('the certificate of the example log is rebuilt byte for byte', async () => {
  const { d: _, ...jwk } = vector.instanceKey
  const claims = {
    cnf: { jwk: { crv: jwk.crv, kty: jwk.kty, x: jwk.x } },
    exp: 1795552800,
    iat: 1795466400,
    iss: 'registry.example.com',
    log,
    nbf: 1795466400,
  }
  const key = await importJWK(vector.rootKey, 'EdDSA')
  const certificate = await new CompactSign(new TextEncoder().encode(canonicalize(claims)))
    .setProtectedHeader({ alg: 'Ed25519', typ: CERTIFICATE_TYPE })
    .sign(key)
  const open = {
    v: 1,
    log,
    index: 0,
    type: 'tokentrail.log.open',
    time: '1795466400500000000',
    certificate,
  }
  expect(canonicalize(open)).toBe(vector.texts[0])
})

test('the ordinary checkpoint of the example log is rebuilt byte for byte', () => {
  const note = buildCheckpointNote({
    size: 3,
    root: rootOf(3),
    timestamp: 1795466402n,
    signer,
    cosigner,
  })
  const record = {
    v: 1,
    log,
    index: 3,
    type: 'tokentrail.log.checkpoint',
    time: '1795466402000000000',
    ...encodeCheckpointMembers({
      note,
      from: 0,
      leafHashes: leaves.slice(0, 3),
      routes: encodeRoutes([['*'], ['hipaa'], []]),
    }),
  }
  expect(canonicalize(record)).toBe(vector.texts[3])
})

test('the closing checkpoint of the example log is rebuilt byte for byte', () => {
  const timestamp = 1795466410n
  const note = buildCheckpointNote({ size: 5, root: rootOf(5), timestamp, signer, cosigner })
  const hashes = concatBytes(...leaves.slice(3, 5))
  const closing = { log, index: 5, from: 3, leaves: hashes, note }
  expect(buildClosingCheckpointText(closing)).toBe(vector.texts[5])
})

test('the example log is valid and sealed, without any outside anchor', async () => {
  const report = await verifyLogs(
    vector.texts.map((body) => ({ body })),
    { roots: [vector.rootKey] },
  )
  expect(report).toMatchObject({
    verdict: 'VALID_SEALED',
    exitCode: 0,
    findings: [],
    anchors: [],
    records: 6,
    selfIssued: false,
    remarks: [NO_ANCHOR_REMARK],
    logs: [{ log, state: 'sealed', sealedBy: 'log.close', signedSize: 5, signedAt: 1795466410 }],
  })
})
