import { auth0 } from './auth0.ts'
import { cognito } from './cognito.ts'
import { entra } from './entra.ts'
import type { IssuerProfile } from './issuer-profile.ts'
import { keycloak } from './keycloak.ts'
import { okta } from './okta.ts'
import { rfc9068 } from './rfc9068.ts'

/** Every profile there is; the first whose form fits an issuer is its profile. */
export const PROFILES: readonly IssuerProfile[] = Object.freeze([
  auth0,
  cognito,
  entra,
  keycloak,
  okta,
  rfc9068,
])

/** Names of the profiles, as settings spell them. */
export const PROFILE_NAMES: readonly string[] = Object.freeze(PROFILES.map(({ name }) => name))
