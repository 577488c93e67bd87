import { MAX_STRING_BYTES } from '../bounds.ts'
import { createLru } from '../lru.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Identity } from '../record.ts'
import { mayHoldCredential, userAgentFamily } from '../request/user-agent.ts'
import { readText } from '../token/claims.ts'
import { cutUtf8 } from '../utf8.ts'
import type { Identification } from './identification.ts'
import { RememberedIdentity } from './remembered-identity.ts'

/** A user agent as records name it, and the clear value behind. */
export interface UserAgent {
  readonly pseudonym: string
  readonly family: string
  /** Undefined where the clear text must not be kept. */
  readonly identity: Identity | undefined
}

/** Names where requests come from. Owned by one recorder. */
export interface ClientNaming {
  /** Gives the address as the evidence names it; adds the clear value behind to `identities`. */
  addressOf(clientAddress: string | undefined, identities: Identity[]): string | undefined
  /** Gives the user agent; adds the clear value behind to `identities` if it may be kept. */
  userAgentOf(userAgent: string | undefined, identities: Identity[]): UserAgent | undefined
}

/** Most remembered user agents, and the longest of them. */
const MAX_USER_AGENTS = 1_024
const MAX_KEPT_LENGTH = 512

/** Most remembered addresses. */
const MAX_ADDRESSES = 4_096

/** Creates the naming of clients. */
export function createClientNaming(
  pseudonyms: Pseudonymizer,
  address: Identification,
): ClientNaming {
  const userAgents = createLru<string, UserAgent>(MAX_USER_AGENTS)
  const addresses = createLru<string, Identity>(MAX_ADDRESSES)

  function readAddress(value: string): Identity {
    const pseudonym = pseudonyms.pseudonymOf('address', '', value)
    const identity = new RememberedIdentity({ kind: 'address', issuer: '', pseudonym, value })
    addresses.set(value, identity)
    return identity
  }

  function readUserAgent(userAgent: string): UserAgent {
    const value = cutUtf8(userAgent.toWellFormed(), MAX_STRING_BYTES)
    const pseudonym = pseudonyms.pseudonymOf('user_agent', '', value)
    const identity: Identity | undefined = mayHoldCredential(value)
      ? undefined
      : new RememberedIdentity({ kind: 'user_agent', issuer: '', pseudonym, value })
    const read = { pseudonym, family: userAgentFamily(value), identity }
    if (userAgent.length <= MAX_KEPT_LENGTH) userAgents.set(userAgent, read)
    return read
  }

  return {
    addressOf(clientAddress, identities) {
      const value = readText(clientAddress)
      if (value === undefined || address === 'off') return undefined
      if (address === 'plain') return value
      const identity = addresses.get(value) ?? readAddress(value)
      identities.push(identity)
      return identity.pseudonym
    },
    userAgentOf(userAgent, identities) {
      if (userAgent === undefined || userAgent === '') return undefined
      const known = userAgents.get(userAgent) ?? readUserAgent(userAgent)
      if (known.identity !== undefined) identities.push(known.identity)
      return known
    },
  }
}
