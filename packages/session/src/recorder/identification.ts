import type { Pseudonymizer } from '../pseudonym.ts'
import type { Identity } from '../record.ts'

/**
 * How the evidence names a person or an address: by keyed pseudonym (the clear value then stands in
 * an identity record), in clear, or not at all.
 */
export type Identification = 'pseudonym' | 'plain' | 'off'

/** A subject as records name it. */
export interface NamedSubject {
  /** What `oauth.token.subject` and `oauth.actor.subject` say. */
  readonly shown?: string
  /** Keyed pseudonym of a person: `user.hash`. */
  readonly hash?: string
  readonly identity?: Identity
}

/**
 * Names a subject. A client is no person, so it is named in clear whatever the setting.
 *
 * @param issuer - Issuer that the subject belongs to.
 */
export function nameSubject(
  subject: { readonly issuer: string; readonly value: string; readonly machine: boolean },
  identification: Identification,
  pseudonyms: Pseudonymizer,
): NamedSubject {
  const { issuer, machine, value } = subject
  if (machine) return { shown: value }
  if (identification === 'off') return {}
  const hash = pseudonyms.pseudonymOf('sub', issuer, value)
  return {
    shown: identification === 'plain' ? value : hash,
    hash,
    identity: { kind: 'sub', issuer, pseudonym: hash, value },
  }
}
