import type { IdentityKind } from '@tokentrail/semantic-conventions'
import type { Identity } from '../record.ts'

/**
 * An identity that is kept from request to request. It notes by itself that the log was told of it,
 * which spares four of five look-ups in a table of many thousands.
 */
export class RememberedIdentity implements Identity {
  readonly kind: IdentityKind
  readonly issuer: string
  readonly pseudonym: string
  readonly value: string
  /** Generation of the log's memory in which it was told. */
  #toldIn = -1

  constructor({ issuer, kind, pseudonym, value }: Identity) {
    this.kind = kind
    this.issuer = issuer
    this.pseudonym = pseudonym
    this.value = value
  }

  /** Whether this identity is one that is kept, and was told in this generation. */
  static isTold(identity: Identity, generation: number): boolean {
    return #toldIn in identity && identity.#toldIn === generation
  }

  /** Notes that an identity was told, if it is one that is kept. */
  static noteTold(identity: Identity, generation: number): void {
    if (#toldIn in identity) identity.#toldIn = generation
  }
}
