import { createHash } from 'node:crypto'

import { buildInclusionProof, buildRoot, hashLeaf } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { buildSiblings, climbPath, readNoteRoot } from '../../page/src/inclusion.ts'

const sha256 = (bytes: Uint8Array) =>
  Promise.resolve(new Uint8Array(createHash('sha256').update(bytes).digest()))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function createTree(size: number) {
  const texts = Array.from({ length: size }, (_, index) => `{"index":${index},"note":"€"}`)
  const leaves = texts.map((text) => hashLeaf(Buffer.from(text)))
  const proofOf = (index: number) => ({
    index,
    treeSize: size,
    path: buildInclusionProof(leaves, index).map(toHex),
  })
  return { texts, leaves, proofOf, root: toHex(buildRoot(leaves)) }
}

describe('climbPath', () => {
  it('ends in the root that the ledger builds, for every leaf of every small tree', async () => {
    for (let size = 1; size <= 33; size++) {
      const tree = createTree(size)
      for (const [index, text] of tree.texts.entries()) {
        const check = await climbPath(text, tree.proofOf(index), sha256)
        expect(check?.root, `${index} of ${size}`).toBe(tree.root)
        expect(check?.leaf).toBe(toHex(tree.leaves[index]!))
      }
    }
  })

  it('never ends in the root when one byte of the text or of the path differs', async () => {
    const tree = createTree(21)
    const index = fc.integer({ min: 0, max: 20 })
    await fc.assert(
      fc.asyncProperty(index, fc.nat(), async (leaf, place) => {
        const proof = tree.proofOf(leaf)
        const altered = await climbPath(`${tree.texts[leaf]} `, proof, sha256)
        expect(altered?.root).not.toBe(tree.root)
        const level = place % proof.path.length
        const path = proof.path.with(level, `${proof.path[level]!.slice(0, -2)}zz`)
        expect(await climbPath(tree.texts[leaf]!, { ...proof, path }, sha256)).toBeNull()
        const flipped = proof.path.with(level, flip(proof.path[level]!))
        const other = await climbPath(tree.texts[leaf]!, { ...proof, path: flipped }, sha256)
        expect(other?.root).not.toBe(tree.root)
      }),
    )
  })

  it('refuses a path that does not fit the place', async () => {
    const tree = createTree(8)
    const proof = tree.proofOf(3)
    const text = tree.texts[3]!
    expect(await climbPath(text, { ...proof, path: proof.path.slice(1) }, sha256)).toBeNull()
    expect(await climbPath(text, { ...proof, index: 8 }, sha256)).toBeNull()
    expect(await climbPath(text, { ...proof, index: -1 }, sha256)).toBeNull()
  })
})

describe('buildSiblings', () => {
  it('covers every other leaf exactly once', () => {
    const tree = fc
      .integer({ min: 1, max: 300 })
      .chain((size) =>
        fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }),
      )
    fc.assert(
      fc.property(tree, ({ size, index }) => {
        const covered = (buildSiblings(index, size) ?? []).flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, offset) => from + offset),
        )
        const others = Array.from({ length: size }, (_, place) => place).filter((p) => p !== index)
        expect(covered.toSorted((a, b) => a - b)).toEqual(others)
      }),
    )
  })

  it('works past 32 bits', () => {
    expect(buildSiblings(2 ** 33, 2 ** 33 + 1)).toEqual([
      { side: 'left', from: 0, to: 2 ** 33 - 1 },
    ])
  })
})

describe('readNoteRoot', () => {
  const root = Buffer.alloc(32, 7)

  it('finds the root on the third line', () => {
    const note = `orders-api/a/b\n12\n${root.toString('base64')}\n\n— orders-api/a/b AAAA\n`
    expect(readNoteRoot(note)).toBe(root.toString('hex'))
  })

  it('refuses what is no root', () => {
    expect(readNoteRoot('')).toBeNull()
    expect(readNoteRoot('a\n1\nAAAA\n')).toBeNull()
  })
})

function flip(hex: string): string {
  const last = Number.parseInt(hex.slice(-1), 16) ^ 1
  return hex.slice(0, -1) + last.toString(16)
}
