/**
 * Prints what one request costs from its facts to the encoded record, in nanoseconds, tokens hashed
 * with node:crypto.
 *
 * Run: `node --conditions=@tokentrail/source packages/session/bench/recorder.ts`
 */
import { createHmac, createSecretKey } from 'node:crypto'
import {
  createPseudonymizer,
  createRecorder,
  createRecordEncoder,
  parsePolicy,
  type RequestFacts,
} from '../src/index.ts'

const LOG = 'orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'
const ROUNDS = 100_000
const SESSIONS = 2_000

const key = createSecretKey(Buffer.alloc(32, 1))
const encoder = createRecordEncoder(LOG)
const frame = Buffer.alloc(32_768)
let index = 0

const recorder = createRecorder({
  sink: {
    origin: LOG,
    append(draft) {
      const { json, text } = encoder.encode(draft, index++)
      frame.latin1Write(text, 0)
      frame.latin1Write(json, 0)
    },
  },
  pseudonyms: createPseudonymizer({
    hmac: (data) => createHmac('sha256', key).update(data).digest('base64url'),
    keyId: 'bench',
  }),
  policy: parsePolicy({ routes: [{ match: '/v1/**', frameworks: ['hipaa', 'soc2'] }] }),
  clock: { unixNanos: () => 0n },
  onFault(error) {
    throw error
  },
})

const tokens = Array.from(
  { length: SESSIONS },
  (_, session) => `eyJh.${'x'.repeat(600)}${session}.${'y'.repeat(86)}`,
)

function factsOf(seed: number, verified: boolean): RequestFacts {
  const session = seed % SESSIONS
  const token = tokens[session] ?? ''
  const claims = {
    iss: 'https://as.example.com',
    sub: `user-${session}`,
    aud: 'https://api.example.com',
    client_id: 's6BhdRkqt3',
    scope: 'orders:read orders:write',
    sid: `sid-${session}`,
    auth_time: 1_795_467_491,
    iat: 1_795_469_880,
    exp: 1_795_473_480,
    jti: `dbe39bf3a3ba4238-${session}`,
  }
  return {
    time: `17954700001${String(seed).padStart(8, '0')}`,
    method: 'GET',
    route: '/v1/orders/:id',
    statusCode: 200,
    complete: true,
    clientAddress: `10.0.0.${session % 250}`,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    span: '00f067aa0ba902b7',
    token,
    scheme: 'bearer',
    ...(verified
      ? { verified: { token, method: 'jwt', hook: 'jose.jwtVerify', claims, algorithm: 'ES256' } }
      : {}),
  }
}

for (const verified of [true, false]) {
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    for (let seed = 0; seed < ROUNDS; seed++) recorder.recordRequest(factsOf(seed, verified))
    const nanos = ((performance.now() - start) * 1e6) / ROUNDS
    console.log(
      `${verified ? 'verified' : 'unverified'} request, run ${round}: ${nanos.toFixed(0)} ns`,
    )
  }
}
const start = performance.now()
for (let seed = 0; seed < ROUNDS; seed++) factsOf(seed, true)
console.log(`facts alone: ${((performance.now() - start) * 1e6) / ROUNDS} ns`)
