import { buildRoot, decodeRecoveredRecord, formatBase64, hashLeaf } from '@tokentrail/ledger'
import { createRecordEncoder } from '@tokentrail/session'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildLogRecovered } from '../../src/log/recovered-records.ts'

const ORIGIN = 'orders/orders-0/01a20a23-1100-7000-8000-000000000001'
const EMPTY = { size: 0, hashes: [] }

function recover(routes: readonly (readonly string[])[]) {
  const hashes = routes.map((_, i) => hashLeaf(`leaf ${i}`))
  const root = formatBase64(buildRoot(hashes))
  const end = { kind: 'recovered', size: routes.length, root, lastSignedSize: 0 } as const
  const drafts = buildLogRecovered('1', ORIGIN, end, { base: EMPTY, hashes, routes })
  const encoder = createRecordEncoder(ORIGIN)
  const texts = drafts.map((draft, index) => encoder.encode(draft, index).text)
  const recoveries = texts.map((text) =>
    decodeRecoveredRecord(JSON.parse(text) as Record<string, unknown>),
  )
  return { hashes, texts, recoveries }
}

describe('what a successor records of a dead log', () => {
  it('is one record for the tail of an ordinary log', () => {
    const { recoveries, hashes } = recover(Array.from({ length: 128 }, () => ['hipaa']))
    expect(recoveries).toMatchObject([
      { prevLog: ORIGIN, prevSize: 128, prevRoot: buildRoot(hashes), tail: { from: 0 } },
    ])
  })

  it('carries every leaf once, in records that no store cuts, each under its own root', () => {
    const route = fc.constantFrom(['*'], [], ['hipaa'], ['hipaa', 'pci'], ['x'.repeat(300)])
    const routes = fc.array(route, { minLength: 1, maxLength: 600, size: 'max' })
    fc.assert(
      fc.property(routes, (routes) => {
        const { hashes, texts, recoveries } = recover(routes)
        let from = 0
        for (const { prevSize, prevRoot, tail } of recoveries) {
          expect(tail).toMatchObject({ from })
          expect(prevRoot).toEqual(buildRoot(hashes.slice(0, prevSize)))
          expect(Buffer.from(tail?.leaves ?? [])).toEqual(
            Buffer.concat(hashes.slice(from, prevSize)),
          )
          from = prevSize
        }
        expect(from).toBe(routes.length)
        expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(8_000)
      }),
      { numRuns: 40 },
    )
  })

  it('names the end alone of a log that has signed all of itself', () => {
    const end = {
      kind: 'sealed',
      size: 9,
      root: formatBase64(hashLeaf('')),
      lastSignedSize: 8,
    } as const
    const [draft, ...others] = buildLogRecovered('1', ORIGIN, end)
    expect(others).toEqual([])
    expect(draft?.members).not.toHaveProperty('leaves')
  })
})
