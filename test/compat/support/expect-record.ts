import { expect } from 'vitest'
import { CLIENT, FORGED_SUBJECT, SUBJECT } from './issuer.ts'
import type { DeliveredRecord, RecordedRun } from './recorded-application.ts'

/** The one record of a run's requests for which `matches` holds. */
export function theRecord(
  run: RecordedRun,
  matches: (record: DeliveredRecord) => boolean,
): Readonly<Record<string, unknown>> {
  const found = run.requests.filter(matches)
  expect(found, `records of ${run.requests.length} requests`).toHaveLength(1)
  return found[0]?.attributes ?? {}
}

/** An accepted request, attributed to the issuer's subject and client. */
export function expectIdentified(run: RecordedRun, attributes: Attributes): void {
  expect(attributes).toMatchObject({ 'oauth.decision': 'allow', 'oauth.client.id': CLIENT })
  const identity = run.identities.find(
    (record) => record.attributes?.['tokentrail.identity.value'] === SUBJECT,
  )
  expect(identity?.attributes?.['tokentrail.identity.pseudonym']).toBe(attributes['user.hash'])
}

/** A refusal for that reason. */
export function expectRefused(attributes: Attributes, reason: string): void {
  expect(attributes).toMatchObject({ 'oauth.decision': 'deny', 'oauth.rejection.reason': reason })
}

/** Nothing that was claimed without proof, no token and no other credential is anywhere. */
export function expectNothingForged(
  run: RecordedRun,
  tokens: readonly (string | undefined)[],
): void {
  const everything = run.texts.join('\n') + run.output
  expect(everything).not.toContain(FORGED_SUBJECT)
  expect(everything).not.toContain('canary-')
  for (const token of tokens) if (token !== undefined) expect(everything).not.toContain(token)
}

type Attributes = Readonly<Record<string, unknown>>
