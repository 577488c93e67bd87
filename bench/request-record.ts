/** A record as the sequencer has it: every fact, and its place in the log. */
export interface SampleRecord {
  readonly type: string
  readonly time: string
  readonly session: string
  readonly trace: string
  readonly span: string
  readonly log: string
  readonly index: number
  readonly attributes: { readonly [name: string]: string | number | boolean | readonly string[] }
}

const LOG = 'orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'
const AGENTS = ['Firefox', 'Chrome', 'Safari', 'curl']
/** Browsers in their versions, as few users have one of their own. */
const AGENT_COUNT = 24
const CLIENTS = ['s6BhdRkqt3', 'orders-web', 'orders-ios', 'orders-android', 'partner-gateway']
const SCOPES = [
  ['orders:read', 'orders:write'],
  ['orders:read'],
  ['invoices:read', 'orders:read', 'orders:write'],
]
const ROUTES = ['/v1/orders/:id', '/v1/orders', '/v1/customers/:id/orders', '/v1/invoices/:id']
const START = 1_795_470_000_123_456_789n

/** The typical request of the record format's documentation: 733 bytes of canonical text. */
export const DOCUMENTED: SampleRecord = {
  type: 'oauth.request',
  time: '1795470000123456789',
  session: 'QaInQnUtCl_CHk5vEBVr8A',
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  span: '00f067aa0ba902b7',
  log: LOG,
  index: 17,
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/v1/orders/:id',
    'client.address': '_HcFxQc972PY71YKeT0YJA',
    'user_agent.original': 'dYuhVhlFT-FV_18y_CfZBw',
    'user_agent.name': 'Firefox',
    'oauth.client.id': 's6BhdRkqt3',
    'oauth.decision': 'allow',
    'oauth.session.first_seen': true,
    'oauth.token.fingerprint': 'LtSEX2B5_TR7pxGC0ehSAw',
    'oauth.token.scopes': ['orders:read', 'orders:write'],
    'user.hash': 'zyDOnUauNBpPoVwqDQ7LzQ',
    'compliance.framework': ['hipaa', 'soc2'],
  },
}

/**
 * Requests of a service with 300 sessions that all send at once, so that neighbours in the log
 * seldom have one in common. Ids and times differ in every record; person, address and token repeat
 * within their session, browsers, applications and scopes among sessions too; one answer of ten is
 * a 404. Pseudo-random from the seed, so that two runs encode the same bytes.
 */
export function buildRequests(count: number, seed: number): SampleRecord[] {
  const random = createRandom(seed)
  const agents = Array.from({ length: AGENT_COUNT }, () => ({
    original: base64url(random),
    name: pick(AGENTS, random()),
  }))
  const sessions = Array.from({ length: 300 }, () => buildSession(random, agents))
  const seen = new Set<string>()
  const { 'oauth.session.first_seen': firstSeen, ...documented } = DOCUMENTED.attributes
  return Array.from({ length: count }, (_, index) => {
    const { id, attributes } = pick(sessions, random())
    const isFirst = !seen.has(id)
    seen.add(id)
    const isFound = random() < 0.9
    return {
      ...DOCUMENTED,
      index,
      time: String(START + BigInt(index) * 1_237_113n + BigInt(Math.floor(random() * 1e6))),
      session: id,
      trace: hex(random, 32),
      span: hex(random, 16),
      attributes: {
        ...documented,
        ...attributes,
        ...(isFound ? {} : { 'error.type': '404' }),
        ...(isFirst && firstSeen !== undefined ? { 'oauth.session.first_seen': firstSeen } : {}),
        'http.response.status_code': isFound ? 200 : 404,
        'http.route': pick(ROUTES, random()),
      },
    }
  })
}

function buildSession(
  random: () => number,
  agents: readonly { readonly original: string; readonly name: string }[],
) {
  // Squared: most people have one of a few browsers.
  const agent = pick(agents, random() ** 2)
  return {
    id: base64url(random),
    attributes: {
      'client.address': base64url(random),
      'user_agent.original': agent.original,
      'user_agent.name': agent.name,
      'oauth.client.id': pick(CLIENTS, random()),
      'oauth.token.fingerprint': base64url(random),
      'oauth.token.scopes': pick(SCOPES, random()),
      'user.hash': base64url(random),
    },
  }
}

/** @param chance - From 0 to 1, exclusive. */
function pick<Value>(values: readonly Value[], chance: number): Value {
  const value = values[Math.floor(chance * values.length)]
  if (value === undefined) throw new RangeError('"chance" must be below 1')
  return value
}

function base64url(random: () => number): string {
  return Buffer.from(hex(random, 32), 'hex').toString('base64url')
}

function hex(random: () => number, digits: number): string {
  let text = ''
  while (text.length < digits) text += Math.floor(random() * 16).toString(16)
  return text
}

/** Mulberry32: small, and good enough to vary ids. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
