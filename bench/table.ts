/** Rows of cells; the first is the head. */
export type Rows = readonly (readonly string[])[]

/** A table of text for the terminal: first column to the left, the others to the right. */
export function formatTable(rows: Rows): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = rows
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join(
    '\n',
  )
}

/** The same in Markdown. */
export function formatMarkdown(rows: Rows): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'))
  return [line(head), line(rule), ...body.map(line)].join('\n')
}
