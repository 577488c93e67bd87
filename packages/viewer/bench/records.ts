import { createHash } from 'node:crypto'
import type { IncomingText } from '../src/store/store.ts'

/** Shape of a generated load: how many different values each attribute has. */
export interface Load {
  readonly records: number
  readonly users: number
  readonly clients: number
  readonly routes: number
  readonly logs: number
}

const SCOPES = ['orders:read', 'orders:write', 'profile', 'admin', 'reports:read', 'openid']
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE']
const FRAMEWORKS = [[], ['hipaa'], ['hipaa', 'soc2'], ['pci'], []]
const START = 1_795_470_000_000_000_000n

/** Generates request records of several logs, each log in index order, deterministic. */
export function* generateTexts(load: Load): Generator<IncomingText> {
  const random = createRandom(42)
  const pick = (count: number): number => Math.floor(random() * count)
  for (let at = 0; at < load.records; at += 1) {
    // 3,000 sessions are active at a time, 30 requests each.
    const session = Math.floor(at / 30) + pick(3000)
    const user = session % load.users
    const rejected = random() < 0.03
    const status = rejected ? (random() < 0.5 ? 401 : 403) : random() < 0.02 ? 500 : 200
    const route = Math.floor(load.routes * random() ** 2)
    const time = START + BigInt(at) * 2_000_000n + BigInt(pick(50_000_000))
    yield {
      text: JSON.stringify({
        attributes: {
          'client.address': pseudonym('address', pick(load.users)),
          'compliance.framework': FRAMEWORKS[route % FRAMEWORKS.length],
          'http.request.method': METHODS[pick(METHODS.length)],
          'http.response.status_code': status,
          'http.route': `/v1/resource-${route}/:id`,
          'oauth.client.id': `client-${user % load.clients}`,
          'oauth.decision': rejected ? 'deny' : 'allow',
          ...(rejected
            ? { 'oauth.rejection.reason': status === 401 ? 'expired' : 'insufficient_scope' }
            : {}),
          'oauth.token.fingerprint': pseudonym('token', session),
          'oauth.token.scopes': SCOPES.slice(user % 4, (user % 4) + 2),
          'user.hash': pseudonym('user', user),
          'user_agent.name': 'Firefox',
          'user_agent.original': pseudonym('agent', user % 100),
        },
        index: Math.floor(at / load.logs),
        log: `service-${at % load.logs}/slot-0/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94`,
        session: pseudonym('session', session),
        span: hex(at, 16),
        time: String(time),
        trace: hex(at, 32),
        type: rejected ? 'oauth.request.rejected' : 'oauth.request',
        v: 1,
      }),
    }
  }
}

/** A pseudonym as records hold them: 22 characters of base64url. */
export function pseudonym(kind: string, value: number): string {
  return createHash('md5').update(`${kind}${value}`).digest('base64url')
}

function hex(value: number, digits: number): string {
  return createHash('md5').update(String(value)).digest('hex').slice(0, digits)
}

/** Mulberry32: a seeded generator, so that every run has the same load. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
