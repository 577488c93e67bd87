import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { LiveList, type ListPage, type ListSource } from '../../page/src/live-list.ts'

interface Row {
  readonly key: string
  readonly at: number
}

const row = (at: number): Row => ({ key: `r${at}`, at })

interface Fake {
  readonly source: ListSource<Row>
  readonly asked: string[]
  answer: ListPage<Row> | Error
}

function createFake(rows: readonly Row[], next: string | null = null): Fake {
  const fake: Fake = {
    asked: [],
    answer: { rows, next, total: null },
    source: {
      keyOf: (each) => each.key,
      compare: (a, b) => b.at - a.at,
      fetchPage(before) {
        fake.asked.push(before ?? 'first')
        return fake.answer instanceof Error
          ? Promise.reject(fake.answer)
          : Promise.resolve(fake.answer)
      },
      fetchRows(keys) {
        fake.asked.push(`rows ${keys.join(' ')}`)
        return Promise.resolve([])
      },
    },
  }
  return fake
}

describe('LiveList', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const settle = () => vi.advanceTimersByTimeAsync(1_000)

  it('loads the first page and marks none of it', async () => {
    const list = new LiveList(createFake([row(2), row(1)], 'more').source)
    expect(list.status.value.phase).toBe('loading')
    await settle()
    expect(list.status.value).toMatchObject({ phase: 'ready', next: 'more', error: null })
    expect(list.rows.value.shown).toEqual([row(2), row(1)])
    expect(list.rows.value.fresh.size).toBe(0)
  })

  it('asks once for many changes', async () => {
    const fake = createFake([row(1)])
    const list = new LiveList(fake.source)
    await settle()
    fake.asked.length = 0
    for (let turn = 0; turn < 50; turn++) list.change(['r9'])
    await settle()
    expect(fake.asked.filter((ask) => ask === 'first').length).toBeLessThanOrEqual(2)
  })

  it('asks for a row that changed below the first page', async () => {
    const fake = createFake([row(2), row(1)])
    const list = new LiveList(fake.source)
    await settle()
    fake.answer = { rows: [row(3)], next: null, total: null }
    list.change(['r1', 'r3', 'r77'])
    await settle()
    expect(fake.asked).toContain('rows r1')
  })

  it('holds new rows while the reader points at the table', async () => {
    const fake = createFake([row(1)])
    const list = new LiveList(fake.source)
    await settle()
    list.setHold(true)
    fake.answer = { rows: [row(2), row(1)], next: null, total: null }
    list.change(['r2'])
    await settle()
    expect(list.rows.value.shown).toEqual([row(1)])
    expect(list.rows.value.held).toEqual([row(2)])
    list.setHold(false)
    expect(list.rows.value.shown).toEqual([row(2), row(1)])
  })

  it('adds the older page and remembers the next cursor, live changes or not', async () => {
    const fake = createFake([row(3)], 'c1')
    const list = new LiveList(fake.source)
    await settle()
    fake.answer = { rows: [row(2)], next: 'c2', total: null }
    list.more()
    await settle()
    fake.answer = { rows: [row(3)], next: 'c1', total: null }
    list.change(null)
    await settle()
    expect(fake.asked).toContain('c1')
    expect(list.rows.value.shown).toEqual([row(3), row(2)])
    expect(list.status.value.next).toBe('c2')
  })

  it('keeps its rows when the viewer stops answering, and says that they are old', async () => {
    const fake = createFake([row(1)])
    const list = new LiveList(fake.source)
    await settle()
    fake.answer = new Error('gone')
    list.change(null)
    await settle()
    expect(list.status.value).toMatchObject({ phase: 'ready', error: fake.answer })
    expect(list.rows.value.shown).toEqual([row(1)])
  })

  it('fails when the first page does, and loads again when asked', async () => {
    const fake = createFake([])
    fake.answer = new Error('gone')
    const list = new LiveList(fake.source)
    await settle()
    expect(list.status.value.phase).toBe('failed')
    fake.answer = { rows: [row(1)], next: null, total: null }
    list.reload()
    expect(list.status.value.phase).toBe('loading')
    await settle()
    expect(list.status.value.phase).toBe('ready')
  })

  it('asks nothing more once closed', async () => {
    const fake = createFake([row(1)])
    const list = new LiveList(fake.source)
    await settle()
    list.change(null)
    list.change(null)
    list.close()
    const asked = fake.asked.length
    await settle()
    expect(fake.asked.length).toBe(asked)
  })
})
