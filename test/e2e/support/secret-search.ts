import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { filesBelow } from './files.ts'

/** A secret, by a name that may be printed. */
export interface Secret {
  readonly name: string
  readonly value: string
}

/** Makes a secret known to the search, and gives its value back. */
export type KeepSecret = (name: string, value: string) => string

/** A secret that looks like one and exists nowhere else. */
export function plant(): string {
  return randomBytes(30).toString('base64url')
}

const SLICE = 16

/**
 * What would give a secret away: itself and pieces of it, so that a cut or wrapped one is found as
 * well, plain, percent-encoded and in base64. Of a JWT the header is no secret.
 */
function tracesOf({ value }: Secret): string[] {
  const parts = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? value.split('.').slice(1) : [value]
  const pieces = parts.flatMap((part) => {
    // The first characters of a payload are the same in every token of an issuer.
    const inner = [Math.floor((part.length - SLICE) / 2), part.length - SLICE]
    return part.length <= 2 * SLICE ? [part] : inner.map((at) => part.slice(at, at + SLICE))
  })
  return [
    ...new Set([
      ...pieces,
      ...pieces.map(encodeURIComponent),
      Buffer.from(value).toString('base64').slice(0, -4),
      Buffer.from(value).toString('hex'),
    ]),
  ]
}

/** Says where secrets stand in some bytes: `<secret> in <place>`. */
export function findSecrets(
  secrets: readonly Secret[],
  bytes: Buffer | string,
  place: string,
): string[] {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1')
  return secrets
    .filter((secret) => tracesOf(secret).some((trace) => text.includes(trace)))
    .map(({ name }) => `${name} in ${place}`)
}

/** Says where secrets stand in the files below a folder, or in their names. */
export function findSecretsBelow(secrets: readonly Secret[], folder: string): string[] {
  return filesBelow(folder).flatMap((file) => [
    ...findSecrets(secrets, file, `the name of ${file}`),
    ...findSecrets(secrets, readFileSync(file), file),
  ])
}
