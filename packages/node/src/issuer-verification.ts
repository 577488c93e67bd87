import { readFile } from 'node:fs/promises'
import { createTokenVerifier, type TokenVerifier } from '@tokentrail/instrumentation'
import { claimNameOf, type Clock, type Pseudonymizer } from '@tokentrail/session'
import type { IssuerSetting } from './issuer-settings.ts'

/** Joins the issuers of the environment or code to those of the file, which says more of them. */
export function joinIssuers(
  named: readonly IssuerSetting[],
  filed: readonly IssuerSetting[],
): readonly IssuerSetting[] {
  const more = named.filter(({ issuer }) => !filed.some((each) => each.issuer === issuer))
  return [...filed, ...more]
}

/** What {@link createVerifier} works with. */
export interface VerifierParts {
  readonly issuers: readonly IssuerSetting[]
  readonly pseudonyms: Pseudonymizer
  readonly clock: Clock
  readonly report: (line: string) => void
  readonly onFault: (where: string, error: unknown) => void
}

/** Creates the recorder's own verification; undefined where no issuer is to be verified. */
export function createVerifier(parts: VerifierParts): TokenVerifier | undefined {
  const { clock, onFault, pseudonyms, report } = parts
  const issuers = parts.issuers.filter(({ verify = true }) => verify)
  if (issuers.length === 0) return undefined
  return createTokenVerifier({
    issuers,
    fingerprint: (token) => pseudonyms.pseudonymOf('token', '', token),
    claimNames: parts.issuers.flatMap(({ roles, tenant }) =>
      [roles, tenant].flatMap((path) => (path === undefined ? [] : claimNameOf(path))),
    ),
    clock,
    readFile: (path) => readFile(path, 'utf8'),
    onHealth: report,
    onFault: (error) => onFault('verification', error),
  })
}
