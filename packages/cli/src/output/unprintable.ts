/**
 * Characters that are not shown as themselves: control characters, which could move a reader's
 * cursor or recolour the terminal, and format characters, which reorder text or hide in it.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const UNPRINTABLE_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function escapeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const unit = text.charCodeAt(index)
    return `\\u${unit.toString(16).padStart(4, '0')}`
  }).join('')
}

/** Makes text safe to print on a terminal: what is not shown as itself stands as `\uXXXX`. */
export function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, escapeUnits)
}

/**
 * Formats a value as indented JSON that is safe to print on a terminal and parses to the same
 * value.
 */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(UNPRINTABLE_IN_JSON, escapeUnits)}\n`
}
