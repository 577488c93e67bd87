import type { Environment } from '@tokentrail/exporter'
import type { Identification } from '@tokentrail/session'
import { isIssuerUrl, type IssuerSetting } from './issuer-settings.ts'

const IDENTIFICATIONS: readonly Identification[] = ['pseudonym', 'plain', 'off']

/** Resolves how records name somebody. Wrong values are TypeErrors that name option or variable. */
export function resolveIdentification(
  name: string,
  option: Identification | undefined,
  env: Environment,
): Identification {
  const variable = variableOf(name)
  const value = option ?? (env[variable] || 'pseudonym')
  const known = IDENTIFICATIONS.find((candidate) => candidate === value)
  if (known !== undefined) return known
  throw wrong(option === undefined ? variable : name, value, IDENTIFICATIONS.join(', '))
}

/** The variable is the name in capitals: `trustedHops`, `TOKENTRAIL_TRUSTED_HOPS`. */
function variableOf(name: string): string {
  return `TOKENTRAIL_${name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`
}

/** Resolves a whole number of at least 0. */
export function resolveCount(
  name: string,
  option: number | undefined,
  fallback: number,
  most: number,
  env: Environment,
): number {
  const variable = variableOf(name)
  const value: unknown = option ?? (env[variable] || fallback)
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (Number.isInteger(count) && Number(count) >= 0 && Number(count) <= most) return Number(count)
  const expected = `an integer from 0 to ${most}`
  throw wrong(option === undefined ? variable : name, value, expected)
}

/** Resolves what is on or off. */
export function resolveSwitch(
  name: string,
  option: boolean | undefined,
  fallback: boolean,
  env: Environment,
): boolean {
  const variable = variableOf(name)
  const value = String(option ?? (env[variable] || fallback)).toLowerCase()
  if (value === 'true' || value === 'false') return value === 'true'
  throw wrong(option === undefined ? variable : name, value, 'true or false')
}

/** Resolves the issuers that code or environment name. */
export function resolveIssuers(
  option: readonly IssuerSetting[] | undefined,
  env: Environment,
): readonly IssuerSetting[] {
  const variable = variableOf('issuers')
  const named = (env[variable] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const issuers = option ?? named.map((issuer) => ({ issuer }))
  for (const { issuer } of issuers) {
    if (isIssuerUrl(issuer)) continue
    // What is no URL may be a password in the wrong place.
    const expected = 'https URLs without user, password and fragment, separated by commas'
    throw new TypeError(`"${option === undefined ? variable : 'issuers'}" must be ${expected}`)
  }
  return issuers
}

function wrong(name: string, value: unknown, expected: string): TypeError {
  const shown = JSON.stringify(String(value).slice(0, 64))
  return new TypeError(`"${name}" is ${shown}; it must be ${expected}`)
}
