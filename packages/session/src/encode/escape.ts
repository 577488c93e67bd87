import { cutUtf8 } from '../utf8.ts'

// Control characters, and the marks that change the direction of what follows (Trojan Source).
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\\]/g

/**
 * Makes attacker-chosen text safe to show: well-formed, control and direction characters as
 * `\u00xx`, a backslash doubled, at most `maxBytes` bytes.
 */
export function escapeUntrusted(text: string, maxBytes: number): string {
  const bounded = text.slice(0, maxBytes).toWellFormed()
  return cutUtf8(bounded.replace(UNSAFE, escapeCharacter), maxBytes)
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
