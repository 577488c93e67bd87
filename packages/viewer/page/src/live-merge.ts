/** How rows are told apart and ordered. */
export interface RowOrder<Row> {
  readonly keyOf: (row: Row) => string
  /** Positive when `a` stands below `b`. */
  readonly compare: (a: Row, b: Row) => number
}

/** Rows on the screen, and rows that wait because the reader is in the middle of something. */
export interface LiveRows<Row> {
  readonly shown: readonly Row[]
  readonly held: readonly Row[]
  /** Keys that came in with the last merge: they are marked for a moment. */
  readonly fresh: ReadonlySet<string>
}

/** No rows at all. */
export function emptyRows<Row>(): LiveRows<Row> {
  return { shown: [], held: [], fresh: new Set() }
}

/**
 * Takes in rows that arrived live. A row that is on the screen is replaced where it stands: nothing
 * moves because a number changed. A new row is put in its place, or held back while `hold` is set.
 */
export function mergeLive<Row>(
  rows: LiveRows<Row>,
  arrived: readonly Row[],
  order: RowOrder<Row>,
  hold: boolean,
): LiveRows<Row> {
  const known = new Set(rows.shown.map((row) => order.keyOf(row)))
  const unseen = arrived.filter((row) => !known.has(order.keyOf(row)))
  const shown = replaceKnown(rows.shown, arrived, order)
  if (hold) return { shown, held: union(rows.held, unseen, order), fresh: new Set() }
  return insertFresh(shown, union(rows.held, unseen, order), order)
}

/** Puts the rows that were held back in their places. */
export function releaseHeld<Row>(rows: LiveRows<Row>, order: RowOrder<Row>): LiveRows<Row> {
  return rows.held.length === 0 ? rows : insertFresh(rows.shown, rows.held, order)
}

/** Adds an older page below; rows that are there already are not repeated, none is marked. */
export function appendPage<Row>(
  rows: LiveRows<Row>,
  page: readonly Row[],
  order: RowOrder<Row>,
): LiveRows<Row> {
  const known = new Set([...rows.shown, ...rows.held].map((row) => order.keyOf(row)))
  const added = page.filter((row) => !known.has(order.keyOf(row)))
  return { ...rows, shown: insertAll(rows.shown, added, order), fresh: new Set() }
}

function insertFresh<Row>(
  shown: readonly Row[],
  added: readonly Row[],
  order: RowOrder<Row>,
): LiveRows<Row> {
  const fresh = new Set(added.map((row) => order.keyOf(row)))
  return { shown: insertAll(shown, added, order), held: [], fresh }
}

function insertAll<Row>(
  shown: readonly Row[],
  added: readonly Row[],
  order: RowOrder<Row>,
): readonly Row[] {
  if (added.length === 0) return shown
  const result = [...shown]
  for (const row of added.toSorted(order.compare)) {
    const place = result.findIndex((other) => order.compare(row, other) < 0)
    result.splice(place === -1 ? result.length : place, 0, row)
  }
  return result
}

function replaceKnown<Row>(
  shown: readonly Row[],
  arrived: readonly Row[],
  order: RowOrder<Row>,
): readonly Row[] {
  const byKey = new Map(arrived.map((row) => [order.keyOf(row), row]))
  return shown.map((row) => byKey.get(order.keyOf(row)) ?? row)
}

function union<Row>(
  held: readonly Row[],
  arrived: readonly Row[],
  order: RowOrder<Row>,
): readonly Row[] {
  const byKey = new Map(held.map((row) => [order.keyOf(row), row]))
  for (const row of arrived) byKey.set(order.keyOf(row), row)
  return [...byKey.values()]
}
