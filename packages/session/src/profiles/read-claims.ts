import { MAX_ARRAY_ELEMENTS } from '../bounds.ts'
import type { VerifiedClaims } from '../facts.ts'
import { readClientId, readOwn, readText, readTexts } from '../token/claims.ts'
import type { ClaimPath, IssuerProfile, MachineSign } from './issuer-profile.ts'

/** Reads the first of several claims that is a usable text. */
export function readFirstText(
  claims: VerifiedClaims,
  paths: readonly ClaimPath[],
): string | undefined {
  for (const path of paths) {
    const text = readText(readPath(claims, path))
    if (text !== undefined) return text
  }
  return undefined
}

/** Reads the client: the claim of the issuer's profile, else one that any issuer may use. */
export function readClient(claims: VerifiedClaims, profile: IssuerProfile): string | undefined {
  return readFirstText(claims, profile.client) ?? readClientId(claims)
}

/** Reads roles and groups: every path that leads to texts, without repetition. */
export function readRoles(
  claims: VerifiedClaims,
  profile: IssuerProfile,
): readonly string[] | undefined {
  if (profile.roles.length === 0) return undefined
  const roles = profile.roles.flatMap((path) => readTexts(readPath(claims, path)) ?? [])
  if (roles.length === 0) return undefined
  return Object.freeze([...new Set(roles)].slice(0, MAX_ARRAY_ELEMENTS + 1))
}

/** Whether the issuer's own signs say that the client acts for itself. */
export function hasMachineSign(
  claims: VerifiedClaims,
  profile: IssuerProfile,
  client: string | undefined,
): boolean {
  return profile.machine.some((sign) => isSigned(claims, sign, client))
}

function isSigned(
  claims: VerifiedClaims,
  { claim, is }: MachineSign,
  client: string | undefined,
): boolean {
  const value = readText(readOwn(claims, claim))?.toLowerCase()
  if (value === undefined) return false
  return is.some((template) => fill(template, claims, client)?.toLowerCase() === value)
}

/** Fills the places of a template; undefined when one of them has nothing to stand there. */
function fill(
  template: string,
  claims: VerifiedClaims,
  client: string | undefined,
): string | undefined {
  let complete = true
  const filled = template.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = name === 'client' ? client : readText(readOwn(claims, name))
    complete &&= value !== undefined
    return value ?? ''
  })
  return complete ? filled : undefined
}

function readPath(claims: VerifiedClaims, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const name of path) value = readOwn(value, name)
  return value
}
