import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildConsistencyProof,
  buildInclusionProof,
  buildRoot,
  createProofBuilder,
  emptyRoot,
  findSubtreeCover,
  formatHex,
  hashLeaf,
  hashNode,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '../src/index.ts'

interface Vector {
  readonly file: string
  readonly case: Record<string, unknown>
}

/** Vectors hold integers above 2^53: they are read from their source text as BigInt. */
function readVectors(kind: string): readonly Vector[] {
  const text = readFileSync(new URL(`vectors/${kind}.json`, import.meta.url), 'utf8')
  const reviver = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? BigInt(context?.source ?? '') : value
  return JSON.parse(text, reviver) as Vector[]
}

const bytes = (text: unknown): Uint8Array => Buffer.from(String(text), 'base64')
const hashes = (list: unknown): Uint8Array[] => ((list ?? []) as string[]).map(bytes)
const integer = (value: unknown): bigint => value as bigint

function runVectors(kind: string, count: number, verify: (c: Vector['case']) => void): void {
  describe(`published ${kind} vectors`, () => {
    const vectors = readVectors(kind)
    test(`there are ${count}`, () => expect(vectors).toHaveLength(count))
    test.each(vectors)('$file', ({ case: vector }) => {
      let outcome: unknown
      try {
        verify(vector)
      } catch (error) {
        outcome = error
      }
      const code = vector['wantErr'] === true ? 'ERR_LEDGER_PROOF_INVALID' : undefined
      expect((outcome as { code?: string } | undefined)?.code).toBe(code)
    })
  })
}

runVectors('inclusion', 98, (c) =>
  verifyInclusion({
    index: integer(c['leafIdx']),
    size: integer(c['treeSize']),
    leafHash: bytes(c['leafHash']),
    root: bytes(c['root']),
    proof: hashes(c['proof']),
  }),
)

runVectors('consistency', 98, (c) =>
  verifyConsistency({
    size1: integer(c['size1']),
    size2: integer(c['size2']),
    root1: bytes(c['root1']),
    root2: bytes(c['root2']),
    proof: hashes(c['proof']),
  }),
)

runVectors('subtreeinclusion', 204, (c) =>
  verifySubtreeInclusion({
    index: integer(c['leafIdx']),
    start: integer(c['start']),
    end: integer(c['end']),
    leafHash: bytes(c['leafHash']),
    root: bytes(c['root']),
    proof: hashes(c['proof']),
  }),
)

runVectors('subtreeconsistency', 118, (c) =>
  verifySubtreeConsistency({
    start: integer(c['start']),
    end: integer(c['end']),
    size: integer(c['size']),
    subtreeRoot: bytes(c['root1']),
    root: bytes(c['root2']),
    proof: hashes(c['proof']),
  }),
)

describe('rolling hashes over all proofs of trees up to 130 leaves', () => {
  const max = 130
  const leaves = Array.from({ length: max }, (_, i) => hashLeaf(Uint8Array.of(i)))
  const builder = createProofBuilder(leaves)
  const subtrees: [start: number, end: number][] = []
  for (let end = 0; end <= max; end++) {
    for (let start = 0; start <= end; start++) {
      const width = end - start <= 1 ? 1 : 2 ** Math.ceil(Math.log2(end - start))
      if (start === end || start % width === 0) subtrees.push([start, end])
    }
  }
  const digest = (lines: readonly string[]): string =>
    createHash('sha256').update(lines.join('')).digest('hex')
  const proofLine = (prefix: string, proof: readonly Uint8Array[]): string =>
    `${prefix}${proof.map((hash) => ` ${formatHex(hash)}`).join('')}\n`

  test('subtree hashes', () => {
    const lines = subtrees.map(([s, e]) => `[${s}, ${e}) ${formatHex(builder.root(s, e))}\n`)
    expect(digest(lines)).toBe('b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81')
  })

  test('subtree inclusion proofs', () => {
    const lines: string[] = []
    for (const [start, end] of subtrees) {
      for (let index = start; index < end; index++) {
        const proof = builder.subtreeInclusion(index, start, end)
        lines.push(proofLine(`${index} [${start}, ${end})`, proof))
      }
    }
    expect(digest(lines)).toBe('ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f')
  })

  test('subtree consistency proofs', () => {
    const lines: string[] = []
    for (let size = 0; size <= max; size++) {
      for (const [start, end] of subtrees) {
        if (end > size) break
        const proof = builder.subtreeConsistency(start, end, size)
        lines.push(proofLine(`[${start}, ${end}) ${size}`, proof))
      }
    }
    expect(digest(lines)).toBe('10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74')
  })

  test('covers of ranges by two subtrees', () => {
    const lines: string[] = []
    for (let end = 0; end <= max; end++) {
      for (let start = 0; start <= end; start++) {
        const cover = findSubtreeCover(start, end)
        lines.push(`[${cover.start}, ${cover.middle}) [${cover.middle}, ${cover.end})\n`)
      }
    }
    expect(digest(lines)).toBe('7fd9c8b926e9d2b5cf831560e8ce295a5ef97ad5c5ede4ea0dea28a8c8fc8bb0')
  })
})

test('hashes are those of RFC 6962', () => {
  const hex = (text: string): Uint8Array => new TextEncoder().encode(text)
  expect(formatHex(emptyRoot())).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  expect(formatHex(hashLeaf(''))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  )
  expect(formatHex(hashLeaf(hex('L123456')))).toBe(
    '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
  )
  expect(formatHex(hashLeaf('L123456'))).toBe(formatHex(hashLeaf(hex('L123456'))))
  expect(formatHex(hashNode(hex('N123'), hex('N456')))).toBe(
    'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
  )
})

test('roots over the eight reference leaves are those of the reference implementation', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657']
  inputs.push('606162636465666768696a6b6c6d6e6f')
  const leaves = inputs.map((input) => hashLeaf(Buffer.from(input, 'hex')))
  const roots = inputs.map((_, i) => formatHex(buildRoot(leaves.slice(0, i + 1))))
  expect(roots).toEqual([
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ])
})

const leafList = fc
  .array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map((texts) => texts.map((text, i) => hashLeaf(`${i}${text}`)))

/** Copies of `list` with one bit of one hash flipped. */
function* flipBits(list: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (let i = 0; i < list.length; i++) {
    for (const bit of [0, 131, 255]) {
      const copy = list.map((hash) => Uint8Array.from(hash))
      copy[i]![bit >> 3]! ^= 1 << (bit & 7)
      yield copy
    }
  }
}

test('the inclusion proof of any leaf verifies, and never with one bit flipped', () => {
  fc.assert(
    fc.property(leafList, fc.nat(), (leaves, pick) => {
      const at = pick % leaves.length
      const [index, size] = [BigInt(at), BigInt(leaves.length)]
      const root = buildRoot(leaves)
      const leafHash = leaves[at]!
      const proof = buildInclusionProof(leaves, at)
      verifyInclusion({ index, size, leafHash, root, proof })
      for (const [leafHash2, root2, ...proof2] of flipBits([leafHash, root, ...proof])) {
        const claim = { index, size, leafHash: leafHash2!, root: root2!, proof: proof2 }
        expect(() => verifyInclusion(claim)).toThrow(/does not hold/)
      }
      for (const proof2 of [[...proof, root], proof.slice(1), proof.toReversed()]) {
        if (proof2.length === proof.length && proof2.every((h, i) => h === proof[i])) continue
        expect(() => verifyInclusion({ index, size, leafHash, root, proof: proof2 })).toThrow(
          /does not hold/,
        )
      }
      expect(() => verifyInclusion({ index: size, size, leafHash, root, proof })).toThrow(
        /does not hold/,
      )
    }),
    { numRuns: 60 },
  )
})

test('the consistency proof of any two sizes verifies, and never with one bit flipped', () => {
  fc.assert(
    fc.property(leafList, fc.nat(), (leaves, pick) => {
      const first = 1 + (pick % leaves.length)
      const [size1, size2] = [BigInt(first), BigInt(leaves.length)]
      const root1 = buildRoot(leaves.slice(0, first))
      const root2 = buildRoot(leaves)
      const proof = buildConsistencyProof(leaves, first)
      verifyConsistency({ size1, size2, root1, root2, proof })
      for (const [r1, r2, ...proof2] of flipBits([root1, root2, ...proof])) {
        const claim = { size1, size2, root1: r1!, root2: r2!, proof: proof2 }
        expect(() => verifyConsistency(claim)).toThrow(/does not hold/)
      }
      const longer = [...proof, root1]
      expect(() => verifyConsistency({ size1, size2, root1, root2, proof: longer })).toThrow(
        /does not hold/,
      )
    }),
    { numRuns: 60 },
  )
})

test('a proof builder refuses what is no subtree or lies outside its leaves', () => {
  const builder = createProofBuilder([hashLeaf('a'), hashLeaf('b'), hashLeaf('c')])
  expect(() => builder.inclusion(3)).toThrow(TypeError)
  expect(() => builder.subtreeInclusion(1, 1, 3)).toThrow(TypeError)
  expect(() => builder.consistency(1, 4)).toThrow(TypeError)
  expect(() => findSubtreeCover(2, 1)).toThrow(TypeError)
})
