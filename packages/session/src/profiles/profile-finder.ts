import { createLru } from '../lru.ts'
import type { ClaimPath, IssuerProfile } from './issuer-profile.ts'
import { PROFILE_NAMES, PROFILES } from './profiles.ts'
import { rfc9068 } from './rfc9068.ts'

/** What an operator says of one issuer's tokens. */
export interface IssuerClaims {
  /** Issuer, exactly as `iss` has it. */
  readonly issuer: string
  /** Name of a profile. Default is the one that the issuer's form tells, else `rfc9068`. */
  readonly profile?: string
  /** Claim that names the tenant, with dots between the members that lead to it. */
  readonly tenant?: string
  /** Claim that lists roles or groups, in the same form; it alone is read then. */
  readonly roles?: string
}

/** Options of {@link createProfileFinder}. */
export interface ProfileFinderOptions {
  /** Issuers that the operator has named. Default is none. */
  readonly issuers?: readonly IssuerClaims[]
  /** Whether roles and groups are read where an issuer's profile knows them. Default is false. */
  readonly roles?: boolean
}

/** Gives the profile of a verified issuer. */
export interface ProfileFinder {
  (issuer: string | undefined): IssuerProfile
}

/** Most remembered issuers; a service trusts a few. */
const MAX_REMEMBERED = 256

const NO_ROLES: readonly ClaimPath[] = Object.freeze([])

/**
 * Creates the finder of issuers' profiles: what the operator named, else what the issuer's form
 * tells, else RFC 9068.
 *
 * @throws {TypeError} When an issuer's `profile` is none, naming the issuer.
 */
export function createProfileFinder(options: ProfileFinderOptions = {}): ProfileFinder {
  const { issuers = [], roles = false } = options
  const named = new Map(issuers.map((claims) => [claims.issuer, toProfile(claims, roles)]))
  const recognised = createLru<string, IssuerProfile>(MAX_REMEMBERED)
  const fallback = withRoles(rfc9068, roles)

  return (issuer) => {
    if (issuer === undefined) return fallback
    const known = named.get(issuer) ?? recognised.get(issuer)
    if (known !== undefined) return known
    const profile = withRoles(recogniseProfile(issuer), roles)
    recognised.set(issuer, profile)
    return profile
  }
}

/** Gives the profile that an issuer's form tells, else RFC 9068. */
export function recogniseProfile(issuer: string): IssuerProfile {
  return PROFILES.find(({ issuers }) => issuers?.test(issuer) === true) ?? rfc9068
}

function toProfile({ issuer, profile, roles, tenant }: IssuerClaims, all: boolean): IssuerProfile {
  const base =
    profile === undefined ? recogniseProfile(issuer) : PROFILES.find(({ name }) => name === profile)
  if (base === undefined) {
    throw new TypeError(`"profile" of ${issuer} must be one of ${PROFILE_NAMES.join(', ')}`)
  }
  return {
    ...withRoles(base, all),
    ...(tenant === undefined ? {} : { tenant: [parseClaimPath(tenant)] }),
    ...(roles === undefined ? {} : { roles: [parseClaimPath(roles)] }),
  }
}

/** Gives the claim that a path of an operator begins at, which is what a token is read for. */
export function claimNameOf(path: string): string {
  return parseClaimPath(path)[0]
}

/** Names with a dot of their own (`https://example.com/roles`) are one member. */
function parseClaimPath(path: string): ClaimPath {
  const [first = path, ...members] = path.includes('://') ? [path] : path.split('.')
  return [first, ...members]
}

function withRoles(profile: IssuerProfile, roles: boolean): IssuerProfile {
  return roles ? profile : { ...profile, roles: NO_ROLES }
}
