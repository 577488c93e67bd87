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
 * Requests of a service with some hundred sessions: ids and times differ in every record, identity
 * repeats within its session. Pseudo-random from the seed, so that two runs encode the same bytes.
 */
export function buildRequests(count: number, seed: number): SampleRecord[] {
  const random = createRandom(seed)
  const sessions = Array.from({ length: 300 }, () => buildSession(random))
  return Array.from({ length: count }, (_, index) => {
    const session = sessions[Math.floor(random() * sessions.length)] ?? buildSession(random)
    const { address, agent, agentName, client, fingerprint, user } = session
    return {
      ...DOCUMENTED,
      index,
      time: String(START + BigInt(index) * 1_237_113n + BigInt(Math.floor(random() * 1e6))),
      session: session.id,
      trace: hex(random, 32),
      span: hex(random, 16),
      attributes: {
        ...DOCUMENTED.attributes,
        'http.response.status_code': random() < 0.9 ? 200 : 404,
        'http.route': ROUTES[Math.floor(random() * ROUTES.length)] ?? '/',
        'client.address': address,
        'user_agent.original': agent,
        'user_agent.name': agentName,
        'oauth.client.id': client,
        'oauth.token.fingerprint': fingerprint,
        'user.hash': user,
      },
    }
  })
}

function buildSession(random: () => number) {
  return {
    id: base64url(random),
    address: base64url(random),
    agent: base64url(random),
    agentName: AGENTS[Math.floor(random() * AGENTS.length)] ?? 'other',
    client: base64url(random).slice(0, 10),
    fingerprint: base64url(random),
    user: base64url(random),
  }
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
