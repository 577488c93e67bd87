/** Kind of a piece of JSON text, for its colour. */
export type JsonTokenKind = 'key' | 'string' | 'number' | 'word' | 'plain'

/** A piece of JSON text; joined, the pieces are the whole. */
export interface JsonToken {
  readonly kind: JsonTokenKind
  readonly text: string
}

const PIECES = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([^"\d\-tfn]+|.)/gs

/** Cuts JSON text into coloured pieces; nothing of the text is lost, whatever it is. */
export function tokenizeJson(text: string): JsonToken[] {
  const tokens: JsonToken[] = []
  for (const [piece, string, colon, number, word] of text.matchAll(PIECES)) {
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string })
      if (colon !== undefined) tokens.push({ kind: 'plain', text: colon })
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else tokens.push({ kind: word === undefined ? 'plain' : 'word', text: piece })
  }
  return tokens
}

/** Indents JSON text for reading; text that is no JSON stays as it is. */
export function indentJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
