import type { Spread } from '../measure.ts'

/** Bars of one kind: one for each row, with a line across the middle half of the values. */
export interface Series {
  readonly name: string
  readonly colour: string
  readonly values: readonly Spread[]
}

/** One panel of a chart. */
export interface Panel {
  readonly title: string
  /** How a value is written at the end of its bar. */
  readonly format: (value: number) => string
  readonly rows: readonly string[]
  readonly series: readonly Series[]
}

const WIDTH = 760
const LABELS = 110
const BARS = 520
const BAR = 14
const GAP = 12
const TITLE = 44

/** Draws panels of bars under each other, as SVG that needs no style sheet and no script. */
export function formatChart(panels: readonly Panel[]): string {
  const parts: string[] = []
  let top = 8
  for (const panel of panels) {
    parts.push(drawPanel(panel, top))
    top += heightOf(panel)
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function heightOf({ rows, series }: Panel): number {
  return TITLE + rows.length * (series.length * BAR + GAP)
}

function drawPanel(panel: Panel, top: number): string {
  const { rows, series, title } = panel
  const most = Math.max(...series.flatMap(({ values }) => values.map(({ high }) => high)), 0)
  const scale = most > 0 ? BARS / most : 0
  const legend = series.map(
    ({ colour, name }, at) =>
      `<rect x="${LABELS + at * 170}" y="${top + 22}" width="10" height="10" fill="${colour}"/>` +
      `<text x="${LABELS + 15 + at * 170}" y="${top + 31}" fill="#57606a">${name}</text>`,
  )
  const bars = rows.flatMap((row, rowIndex) => {
    const y = top + TITLE + rowIndex * (series.length * BAR + GAP)
    const middle = y + (series.length * BAR) / 2 + 4
    return [
      `<text x="${LABELS - 8}" y="${middle}" text-anchor="end" fill="#1f2328">${row}</text>`,
      ...series.map((each, at) => drawBar(each, rowIndex, y + at * BAR, { scale, panel })),
    ]
  })
  return [
    `<text x="8" y="${top + 14}" font-weight="600" fill="#1f2328">${title}</text>`,
    ...legend,
    ...bars,
  ].join('\n')
}

/** What is below nothing is drawn as nothing; its text says what it is. */
function drawBar(
  { colour, values }: Series,
  row: number,
  y: number,
  { panel, scale }: { readonly panel: Panel; readonly scale: number },
): string {
  const value = values[row]
  if (value === undefined) return ''
  const at = (amount: number): string => (LABELS + Math.max(0, amount) * scale).toFixed(1)
  const width = (Math.max(0, value.middle) * scale).toFixed(1)
  const middle = y + BAR / 2
  const end = Math.max(Number(at(value.high)), LABELS) + 6
  return [
    `<rect x="${LABELS}" y="${y + 1}" width="${width}" height="${BAR - 2}" fill="${colour}"/>`,
    `<line x1="${at(value.low)}" x2="${at(value.high)}" y1="${middle}" y2="${middle}" stroke="#1f2328"/>`,
    `<text x="${end.toFixed(1)}" y="${middle + 4}" fill="#1f2328">${panel.format(value.middle)}</text>`,
  ].join('')
}
