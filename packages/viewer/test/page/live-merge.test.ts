import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  appendPage,
  emptyRows,
  mergeLive,
  releaseHeld,
  type LiveRows,
  type RowOrder,
} from '../../page/src/live-merge.ts'

interface Row {
  readonly key: string
  readonly at: number
  readonly count: number
}

const order: RowOrder<Row> = { keyOf: (row) => row.key, compare: (a, b) => b.at - a.at }
const row = (at: number, count = 0): Row => ({ key: `r${at}`, at, count })
const showing = (...rows: Row[]): LiveRows<Row> => appendPage(emptyRows<Row>(), rows, order)
const keys = (rows: readonly Row[]): string[] => rows.map((each) => each.key)

describe('mergeLive', () => {
  it('replaces a known row where it stands and marks nothing', () => {
    const merged = mergeLive(showing(row(3), row(2)), [row(2, 9)], order, false)
    expect(merged.shown).toEqual([row(3), row(2, 9)])
    expect(merged.fresh.size).toBe(0)
  })

  it('puts a new row in its place and marks it', () => {
    const merged = mergeLive(showing(row(4), row(2)), [row(3), row(5)], order, false)
    expect(keys(merged.shown)).toEqual(['r5', 'r4', 'r3', 'r2'])
    expect([...merged.fresh].sort()).toEqual(['r3', 'r5'])
  })

  it('moves nothing under the pointer, but keeps numbers right', () => {
    const merged = mergeLive(showing(row(4), row(2)), [row(5), row(2, 7)], order, true)
    expect(merged.shown).toEqual([row(4), row(2, 7)])
    expect(keys(merged.held)).toEqual(['r5'])
    expect(merged.fresh.size).toBe(0)
  })

  it('holds a row once, in its latest state', () => {
    const first = mergeLive(showing(row(4)), [row(5)], order, true)
    const second = mergeLive(first, [row(5, 3)], order, true)
    expect(second.held).toEqual([row(5, 3)])
  })

  it('lets held rows in as soon as nothing holds them', () => {
    const held = mergeLive(showing(row(4)), [row(5)], order, true)
    const merged = mergeLive(held, [row(6)], order, false)
    expect(keys(merged.shown)).toEqual(['r6', 'r5', 'r4'])
    expect(merged.held).toEqual([])
  })

  it('never shows a row twice, loses one, or leaves the order', () => {
    const step = fc.record({
      rows: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }),
      hold: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let rows = emptyRows<Row>()
        const arrived = new Set<string>()
        for (const { rows: numbers, hold } of steps) {
          for (const number of numbers) arrived.add(`r${number}`)
          const unique = [...new Set(numbers)].map((number) => row(number))
          rows = mergeLive(rows, unique, order, hold)
        }
        const all = releaseHeld(rows, order).shown
        expect(new Set(keys(all))).toEqual(arrived)
        expect(all.length).toBe(arrived.size)
        expect(all).toEqual(all.toSorted(order.compare))
      }),
    )
  })
})

describe('releaseHeld', () => {
  it('marks what comes in', () => {
    const held = mergeLive(showing(row(4)), [row(5)], order, true)
    const released = releaseHeld(held, order)
    expect(keys(released.shown)).toEqual(['r5', 'r4'])
    expect([...released.fresh]).toEqual(['r5'])
  })
})

describe('appendPage', () => {
  it('adds older rows below without marking or repeating them', () => {
    const rows = appendPage(showing(row(4), row(3)), [row(3), row(2)], order)
    expect(keys(rows.shown)).toEqual(['r4', 'r3', 'r2'])
    expect(rows.fresh.size).toBe(0)
  })

  it('does not let a held row in by the back door', () => {
    const held = mergeLive(showing(row(4)), [row(5)], order, true)
    expect(keys(appendPage(held, [row(5), row(3)], order).shown)).toEqual(['r4', 'r3'])
  })
})
