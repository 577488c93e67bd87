import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../../e2e/support/send.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './expect-record.ts'
import { createSelfTestFile, type HookState } from './hook-states.ts'
import {
  type Claims,
  CLIENT,
  environmentFor,
  type Issuer,
  PRESENTED,
  type Presented,
  startIssuer,
} from './issuer.ts'
import { present } from './present.ts'
import { type RecordedRun, startApplication } from './recorded-application.ts'

/** What one application records of the tokens that are presented to it. */
export interface Expected {
  /** Library whose hook is to be live. */
  readonly library: string
  /** Versions of it that the application loads, sorted; not looked at by default. */
  readonly versions?: readonly string[]
  /** Hook that tells why; `http` where nobody but the response tells. Default is `http`. */
  readonly hook: string
  readonly hooks?: Readonly<Partial<Record<Presented, string>>>
  /** Reasons that are not named as what is wrong with the token. */
  readonly reasons?: Readonly<Partial<Record<Presented, string>>>
  /**
   * Refused tokens whose claims the library proves all the same. Default is all that its key
   * signed.
   */
  readonly proven?: readonly Presented[]
  /** Error codes of the protocol, as the response has them. */
  readonly errors?: Readonly<Partial<Record<Presented, string>>>
  /** Template of the route; not looked at by default. */
  readonly route?: string
  /** Tokens that the library accepts whatever is wrong with them. Default is none. */
  readonly accepted?: readonly Presented[]
  /** What every token claims beside the usual. */
  readonly claims?: (issuer: string) => Claims
  /** Beside what the issuer gives. */
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  readonly path?: string
}

/** Tokens that were signed by the issuer's key, whatever else is wrong with them. */
const PROVEN: readonly Presented[] = [
  'expired',
  'not_yet_valid',
  'wrong_audience',
  'wrong_issuer',
  'insufficient_scope',
]

/** Refusals that no verifier tells, unless an application says so. */
const TOLD_BY_RESPONSE: ReadonlySet<Presented> = new Set(['insufficient_scope', 'missing'])

/**
 * Starts an application of `test/libraries`, presents one token of each kind, and checks that each
 * request is recorded once, for the right reason, and attributed only where that is proven.
 */
export function describeApplication(file: string, expected: Expected): void {
  describe(`the application ${nameOf(file, expected)}`, () => {
    let issuer: Issuer
    let run: RecordedRun
    let state: HookState
    const statuses = new Map<Presented, number>()
    const attributesOf = (presented: Presented): Readonly<Record<string, unknown>> =>
      run.requests[PRESENTED.indexOf(presented)]?.attributes ?? {}

    beforeAll(async () => {
      issuer = await startIssuer(expected.claims)
      const selfTest = createSelfTestFile()
      const env = { ...environmentFor(issuer), ...selfTest.env, ...expected.env }
      const { flags } = expected
      const application = await startApplication(
        file,
        flags === undefined ? { env } : { env, flags },
      )
      try {
        for (const presented of PRESENTED) {
          const status = await present(application.url, issuer, presented, expected.path)
          statuses.set(presented, status)
        }
        for (const forgery of issuer.forgeries) {
          const path = expected.path ?? '/v1/orders/7'
          await send(application.url, { headers: bearer(forgery), path })
        }
        state = await selfTest.becomes(expected.library, 'live')
        run = await application.stop()
      } finally {
        await application.close()
        selfTest.remove()
      }
    })
    afterAll(() => issuer.close())

    it('records each request once', () => {
      const recorded = run.requests.map(
        ({ attributes }) => attributes?.['http.response.status_code'],
      )
      expect(recorded.slice(0, PRESENTED.length)).toEqual(
        PRESENTED.map((presented) => statuses.get(presented)),
      )
      expect(recorded).toHaveLength(PRESENTED.length + issuer.forgeries.length)
    })

    it('says that the hook works once the library is loaded', () => {
      const versions = [...(state.versions ?? [])].sort()
      expect(versions).not.toHaveLength(0)
      expect(versions).toEqual(expected.versions ?? versions)
      expect(openedWith(run, expected.library)).toBe('waiting')
    })

    const accepted: readonly Presented[] = ['good', ...(expected.accepted ?? [])]

    it.each(accepted)('identifies who presented a token that was accepted: %s', (presented) => {
      expect(statuses.get(presented)).toBe(200)
      const { route = attributesOf(presented)['http.route'] } = expected
      expect(attributesOf(presented)['http.route']).toBe(route)
      expectIdentified(run, attributesOf(presented))
    })

    it.each(PRESENTED.filter((presented) => !accepted.includes(presented)))(
      'records why a token was refused: %s',
      (presented) => {
        const attributes = attributesOf(presented)
        expectRefused(attributes, expected.reasons?.[presented] ?? presented)
        const told = TOLD_BY_RESPONSE.has(presented) ? 'http' : expected.hook
        expect(attributes['tokentrail.capture.hook']).toBe(expected.hooks?.[presented] ?? told)
        expect(attributes['oauth.error.code']).toBe(
          expected.errors?.[presented] ?? attributes['oauth.error.code'],
        )
        const proven = (expected.proven ?? PROVEN).includes(presented)
        expect(attributes['oauth.client.id']).toBe(proven ? CLIENT : undefined)
      },
    )

    it('attributes nothing to what was forged, whatever else is wrong with it', () => {
      for (const { attributes } of run.requests.slice(PRESENTED.length)) {
        expect(attributes).toMatchObject({ 'oauth.decision': 'deny' })
        expect(attributes?.['user.hash']).toBeUndefined()
        expect(attributes?.['oauth.client.id']).toBeUndefined()
      }
      const tokens = PRESENTED.map((presented) => issuer.tokenOf(presented))
      expectNothingForged(run, [...tokens, ...issuer.forgeries])
    })
  })
}

function nameOf(file: string, { env = {} }: Expected): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return [file, ...settings].join(' ')
}

function openedWith(run: RecordedRun, library: string): string | undefined {
  const open = run.records.find(({ type }) => type === 'tokentrail.log.open')
  const hooks = open?.['hooks'] as readonly HookState[] | undefined
  return hooks?.find(({ name }) => name === library)?.state
}
