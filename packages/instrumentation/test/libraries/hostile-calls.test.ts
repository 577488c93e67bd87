import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hono } from '../../src/inbound/routes/hono.ts'
import { koaRouter } from '../../src/inbound/routes/koa-router.ts'
import { trpc } from '../../src/inbound/routes/trpc.ts'
import type { CallHook, LibraryDefinition, LibraryHook } from '../../src/hooks/library.ts'
import type { Outcome } from '../../src/hooks/outcome.ts'
import { LIBRARIES } from '../../src/libraries/table.ts'
import { watchStrategy } from '../../src/hooks/watch/watch-strategy.ts'

const isCallHook = (hook: LibraryHook): hook is CallHook => 'observe' in hook

/** What a router is called with is its framework's; the client has no say in its kind. */
const ROUTERS: readonly LibraryDefinition[] = [hono, koaRouter, trpc]

const HOOKS = LIBRARIES.filter((library) => !ROUTERS.includes(library)).flatMap(({ hooks, name }) =>
  hooks.filter(isCallHook).map((hook) => [`${name}.${hook.exportName}`, hook] as const),
)

/** Stands for what no fact may hold: it is in messages, causes and claims that are not listed. */
const CANARY = 'canary-7f3a'

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const claims = fc.record(
  {
    sub: fc.anything(),
    aud: fc.anything(),
    scope: fc.anything(),
    exp: fc.anything(),
    cnf: fc.anything({ maxDepth: 8 }),
    email: fc.constant(CANARY),
    __proto__: fc.constant({ polluted: CANARY }),
  },
  { requiredKeys: ['email'] },
)

const token = fc.oneof(
  fc.string(),
  fc.constantFrom('', '.', '..', 'a.b.c', 'e30.e30.e30'),
  claims.map((payload) => `${segment({ alg: 'RS256' })}.${segment(toJson(payload))}.AAAA`),
)

const error = fc.record(
  {
    name: fc.constantFrom('Error', 'TokenExpiredError', 'InvalidTokenError', 'UnauthorizedError'),
    code: fc.oneof(fc.constantFrom('ERR_JWT_EXPIRED', 'FAST_JWT_EXPIRED'), fc.anything()),
    claim: fc.anything(),
    status: fc.anything(),
    message: fc.constantFrom(`jwt audience invalid. expected: ${CANARY}`, `token (${CANARY}) no`),
    cause: fc.record({ claim: fc.constant('aud'), token: fc.constant(CANARY) }),
    payload: claims,
    headers: fc.record({ 'WWW-Authenticate': fc.constant(`Bearer realm="${CANARY}"`) }),
  },
  { requiredKeys: ['message'] },
)

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('returned' as const),
    value: fc.oneof(claims, fc.record({ payload: claims }), fc.anything()),
  }),
  fc.record({ kind: fc.constant('threw' as const), error: fc.oneof(error, fc.anything()) }),
)

/** What the watch of Passport's strategies makes of theirs. */
const strategyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('returned' as const),
    value: fc.record({
      passed: fc.boolean(),
      info: fc.oneof(claims, fc.anything()),
      challenge: fc.oneof(error, fc.constant(`Bearer realm="${CANARY}"`), fc.anything()),
    }),
  }),
  fc.record({ kind: fc.constant('threw' as const), error: fc.oneof(error, fc.anything()) }),
)

function toJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value, (_, one: unknown) => toPlain(one))) as unknown
  } catch {
    return {}
  }
}

const toPlain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

describe.each(HOOKS)('the hook on %s', (name, hook) => {
  it('says nothing of what it must not, and survives whatever it is given', () => {
    const args = fc.tuple(
      fc.oneof(token, fc.anything()),
      fc.oneof(token, fc.anything()),
      fc.anything(),
    )
    const outcomes = hook.watch === watchStrategy ? strategyOutcome : outcome
    fc.assert(
      fc.property(
        args,
        outcomes,
        fc.option(token, { nil: undefined }),
        (given, ended, presented) => {
          const request = { token: presented, notes: new WeakMap<object, string>() }
          const call = { self: {}, args: given, outcome: ended }
          const fact = hook.observe(call, request, name)
          const told = JSON.stringify(fact ?? {}, (key, value: unknown) =>
            key === 'token' ? undefined : toPlain(value),
          )
          expect(told).not.toContain(CANARY)
        },
      ),
      { numRuns: 100 },
    )
  })
})
