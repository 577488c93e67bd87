const numbers = new Intl.NumberFormat('en')

/** Writes a count with thousands separators. */
export function formatCount(count: number): string {
  return numbers.format(count)
}

/** Writes a count with its noun, e.g. `1 record`, `2,000 records`. */
export function formatPlural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Cuts the middle out of a hash or id: `be219d65…6ec266f4`. Short texts stay whole. */
export function shortenHash(hash: string, keep: number = 8): string {
  return hash.length <= keep * 2 + 1 ? hash : `${hash.slice(0, keep)}…${hash.slice(-keep)}`
}

/** Length of a text in UTF-8 bytes. */
export function countBytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Compares two decimal numbers written without leading zeros; negative when the first is smaller. */
export function compareDecimal(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : Number(a > b)
}
