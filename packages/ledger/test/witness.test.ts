import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addSignatureLines,
  buildCheckpointNote,
  buildConsistencyProofOver,
  buildFrontierOver,
  buildRootOver,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  createProofBuilder,
  createVerifierKey,
  decideAddCheckpoint,
  ED25519_TYPE,
  formatAddCheckpoint,
  formatBase64,
  formatHex,
  formatNote,
  hashLeaf,
  openNote,
  parseAddCheckpoint,
  parseHex,
  verifyCosignatures,
  type WitnessKnowledge,
  type WitnessedHead,
} from '../src/index.ts'
import { seedOf } from './log-builder.ts'
import vectors from './vectors/witness.json' with { type: 'json' }

const ORIGIN = 'registry.example.com/1'
const signer = createNoteSigner(ORIGIN, seedOf(3))
const cosigner = createCosigner(ORIGIN, seedOf(3))
const hashes = Array.from({ length: 200 }, (_, i) => new Uint8Array(hashLeaf(`leaf ${i}`)))
const builder = createProofBuilder(hashes)

function noteOf(size: number, root: Uint8Array = builder.root(0, size)): string {
  return buildCheckpointNote({ size, root, timestamp: 1_795_466_402n, signer, cosigner })
}

function request(oldSize: number, size: number, root?: Uint8Array): string {
  const proof = oldSize === 0 || oldSize > size ? [] : builder.consistency(oldSize, size)
  return formatAddCheckpoint({ oldSize: BigInt(oldSize), proof, checkpoint: noteOf(size, root) })
}

function knowing(size?: number): WitnessKnowledge {
  const head = size === undefined ? undefined : { size: BigInt(size), root: builder.root(0, size) }
  return { keysOf: (origin) => (origin === ORIGIN ? [signer.key] : []), headOf: () => head }
}

describe('a witness decides', () => {
  test('as the published transcript of litewitness, but for what it answers to unknown logs', () => {
    const key = createVerifierKey(vectors.origin, ED25519_TYPE, parseHex(vectors.logKey))
    let head: WitnessedHead | undefined
    const knowledge = {
      keysOf: (origin: string) => (origin === vectors.origin ? [key] : []),
      headOf: () => head,
    }
    for (const step of vectors.steps) {
      const decision = decideAddCheckpoint(step.request, knowledge)
      // C2SP tlog-witness asks for 404; litewitness answers 403.
      const status = step.assert.includes('unknown log') ? 404 : step.status
      expect(decision).toMatchObject({ status })
      if (decision.status === 200) head = decision.checkpoint
      const held = decision.status === 409 ? `body == "${decision.heldSize}\\n"` : step.assert
      expect(held).toBe(step.assert)
    }
    expect(head?.size).toBe(5n)
  })

  test.each([
    ['the first tree', request(0, 5), undefined, 200],
    ['an empty tree', request(0, 0), undefined, 200],
    ['a larger tree', request(5, 199), 5, 200],
    ['the same tree', request(5, 5), 5, 200],
    ['another root of the same size', request(5, 5, hashes[0]), 5, 422],
    ['an empty tree with a root', request(0, 0, hashes[0]), undefined, 422],
    ['a tree that does not follow', request(5, 9, hashes[0]), 5, 422],
    ['a first tree with a proof', request(5, 9).replace('old 5', 'old 0'), undefined, 422],
    ['an old size above the tree', request(9, 5), 5, 400],
    ['an old size that is not held', request(5, 9), 6, 409],
    ['an old size where nothing is held', request(5, 9), undefined, 409],
    ['old 0 where something is held', request(0, 9), 5, 409],
    ['garbage', 'old 5', 5, 400],
    ['a size with a leading zero', request(5, 9).replace('old 5', 'old 05'), 5, 400],
    ['a text without signature', 'old 0\n\na\n1\nAAAA\n', undefined, 403],
  ])('on %s', (_, body, held, status) => {
    expect(decideAddCheckpoint(body, knowing(held)).status).toBe(status)
  })

  test('on signatures: one that fails, and none that it knows', () => {
    const foreign = { ...knowing(), keysOf: () => [createNoteSigner(ORIGIN, seedOf(4)).key] }
    expect(decideAddCheckpoint(request(0, 5), foreign).status).toBe(403)
    const broken = request(0, 5).replace(formatBase64(builder.root(0, 5)), formatBase64(hashes[0]!))
    expect(decideAddCheckpoint(broken, knowing()).status).toBe(403)
    const other = { ...knowing(), keysOf: () => [] }
    expect(decideAddCheckpoint(request(0, 5), other).status).toBe(404)
  })
})

test('an add-checkpoint request is read as it was written, and nothing else is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 0, max: 63 }),
      (size, count) => {
        const proof = Array.from({ length: count }, (_, i) => hashes[i]!)
        const given = { oldSize: BigInt(size) << 40n, proof, checkpoint: noteOf(size) }
        expect(parseAddCheckpoint(formatAddCheckpoint(given))).toEqual(given)
      },
    ),
    { numRuns: 50, seed: 7 },
  )
  const many = { oldSize: 1n, proof: Array.from({ length: 64 }, () => hashes[0]!) }
  expect(() => formatAddCheckpoint({ ...many, checkpoint: noteOf(5) })).toThrow(/more than 63/)
})

test('cosignature lines are checked against the witness, and join the note', () => {
  const witness = createCosigner('witness.example.com/w', seedOf(9))
  const note = noteOf(5)
  const text = note.slice(0, note.indexOf('\n\n') + 1)
  const lines = formatNote({ text, signatures: [witness.sign(text, 1_795_466_500n)] }).slice(
    text.length + 1,
  )
  expect(verifyCosignatures(note, lines, witness.key)).toBe(1_795_466_500n)
  const cosigned = addSignatureLines(note, lines)
  expect(openNote(cosigned, [signer.key, witness.key]).verified).toHaveLength(2)
  const stranger = `— somebody.example.com ${formatBase64(new Uint8Array(76))}\n`
  expect(addSignatureLines(note, stranger + lines, witness.key)).toBe(cosigned)
  const other = createCosigner('witness.example.com/w', seedOf(8))
  expect(() => verifyCosignatures(note, lines, other.key)).toThrow(
    expect.objectContaining({ code: 'ERR_LEDGER_SIGNATURE_INVALID' }) as Error,
  )
  expect(() => verifyCosignatures(noteOf(6), lines, witness.key)).toThrow(/does not fit/)
  expect(() => verifyCosignatures(note, lines, signer.key)).toThrow(TypeError)
})

test('proofs over kept nodes are those over all leaves', () => {
  const source = {
    nodeAt: (level: number, start: number) => {
      if (level === 0) return hashes[start]
      return level === 4 ? builder.root(start, start + 16) : undefined
    },
  }
  const tree = createMerkleTree()
  for (let size = 0; size <= hashes.length; size++) {
    expect(formatHex(buildRootOver(source, size))).toBe(formatHex(tree.root()))
    expect(formatHex(createMerkleTree(buildFrontierOver(source, size)).root())).toBe(
      formatHex(tree.root()),
    )
    if (size < hashes.length) tree.append(hashes[size]!)
  }
  for (const [size1, size2] of [
    [1, 1],
    [1, 200],
    [16, 33],
    [63, 64],
    [64, 65],
    [100, 199],
  ] as const) {
    expect(buildConsistencyProofOver(source, size1, size2).map(formatHex)).toEqual(
      builder.consistency(size1, size2).map(formatHex),
    )
  }
  expect(() => buildConsistencyProofOver(source, 0, 5)).toThrow(TypeError)
  expect(() => buildRootOver({ nodeAt: () => undefined }, 5)).toThrow(/missing/)
})
