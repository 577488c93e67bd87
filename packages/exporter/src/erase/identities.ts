/** What is to be erased. */
export interface ErasedIdentities {
  /** Pseudonyms whose identity records are deleted. */
  readonly pseudonyms: ReadonlySet<string>
  /** Clear values, where they are known: bytes that are no whole record are searched for them too. */
  readonly values: readonly string[]
}

/** What was, or with `dryRun` would be, erased in one file. */
export interface ErasedFile {
  readonly file: string
  /** Identity records. */
  readonly identities: number
  /** Bytes that are no whole record and had to be blanked, as in a torn write. */
  readonly blankedBytes: number
  /** How: a new file in the place of the old one, or over the old bytes where somebody writes. */
  readonly how: 'rewritten' | 'overwritten'
}

/** Something that holds, or may hold, an identity and was not erased. */
export interface EraseResidue {
  readonly file: string
  /** A few words that quote nothing of the content. */
  readonly reason: string
}

/** What became of a journal or an export. */
export interface EraseResult {
  readonly files: readonly ErasedFile[]
  readonly residue: readonly EraseResidue[]
}

/** The pseudonym that an identity record's canonical text names; `undefined` for other texts. */
export function pseudonymOfIdentity(text: string): string | undefined {
  if (!text.includes('"type":"tokentrail.identity"')) return undefined
  try {
    const { type, attributes } = JSON.parse(text) as {
      readonly type?: unknown
      readonly attributes?: Readonly<Record<string, unknown>>
    }
    const pseudonym = attributes?.['tokentrail.identity.pseudonym']
    return type === 'tokentrail.identity' && typeof pseudonym === 'string' ? pseudonym : undefined
  } catch {
    return undefined
  }
}

/**
 * Byte strings whose presence in torn bytes betrays an identity: pseudonyms, and clear values as
 * they are, as a JSON string, and as a JSON string within one.
 */
export function listNeedles({ pseudonyms, values }: ErasedIdentities): readonly Buffer[] {
  const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)
  const texts = values.flatMap((value) => [value, quoted(value), quoted(quoted(value))])
  return [...new Set([...pseudonyms, ...texts])]
    .filter((text) => text !== '')
    .map((text) => Buffer.from(text))
}
