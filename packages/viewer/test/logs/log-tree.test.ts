import { buildInclusionProof, buildRoot, formatHex, hashLeaf } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_LEAVES, LogTree } from '../../src/logs/log-tree.ts'
import { openStore } from '../../src/store/store.ts'
import { buildText, LOG } from '../texts.ts'

const SIZE = 3 * BLOCK_LEAVES + 77
const texts = Array.from({ length: SIZE }, (_, index) => buildText({ index }))
const leaves = texts.map((text) => hashLeaf(text))
const { tables } = openStore(':memory:')
const store = openStore(':memory:')
store.append(texts.map((text) => ({ text })))
const { records, blocks, logs } = store.tables
const log = logs.find(LOG)?.id ?? 0

describe('a log tree', () => {
  it('gives the same root and paths as the tree over all leaves', () => {
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: SIZE }),
      fc.constantFrom(1, BLOCK_LEAVES, BLOCK_LEAVES + 1, 2 * BLOCK_LEAVES, SIZE),
    )
    fc.assert(
      fc.property(sizes, fc.nat(), (size, seed) => {
        const tree = new LogTree(records, blocks)
        const index = seed % size
        const first = leaves.slice(0, size)
        expect(tree.inclusionPath(log, index, size).map(formatHex)).toEqual(
          buildInclusionProof(first, index).map(formatHex),
        )
        expect(formatHex(tree.root(log, size))).toBe(formatHex(buildRoot(first)))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the roots of full blocks only', () => {
    new LogTree(records, blocks).keepBlocks(log, SIZE)
    expect(blocks.count(log)).toBe(3)
    expect(tables.blocks.count(log)).toBe(0)
  })
})
