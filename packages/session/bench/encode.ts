/**
 * Prints what one record costs to encode and what a pseudonym costs, in nanoseconds.
 *
 * Run: `node --conditions=@tokentrail/source packages/session/bench/encode.ts`
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { createPseudonymizer, createRecordEncoder, encodeLogRecord } from '../src/index.ts'

const LOG = 'orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'
const ROUNDS = 200_000
const id = (seed: number): string => `${String(seed).padStart(21, 'aB3_')}A`

const scopes = Object.freeze(['orders:read', 'orders:write'])
const frameworks = Object.freeze(['hipaa', 'soc2'])

/** A request as the recorder builds it, from 5,000 sessions. */
function draftOf(seed: number): Parameters<typeof encodeLogRecord>[0] {
  const session = seed % 5_000
  return {
    type: 'oauth.request',
    time: `17954700001${String(seed).padStart(8, '0')}`,
    session: id(session),
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    span: '00f067aa0ba902b7',
    attributes: {
      'client.address': id(session + 1),
      'compliance.framework': frameworks,
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/v1/orders/:id',
      'oauth.client.id': 's6BhdRkqt3',
      'oauth.decision': 'allow',
      'oauth.token.fingerprint': id(session + 2),
      'oauth.token.scopes': scopes,
      'user.hash': id(session + 3),
      'user_agent.name': 'Firefox',
      'user_agent.original': 'dYuhVhlFT-FV_18y_CfZBw',
    },
  }
}

/** Runs it twice, so that the second run is compiled code, and prints the second. */
function measure(name: string, run: (seed: number) => number): void {
  let nanos = 0
  let sum = 0
  for (let round = 0; round < 2; round++) {
    const start = performance.now()
    for (let seed = 0; seed < ROUNDS; seed++) sum += run(seed)
    nanos = ((performance.now() - start) * 1e6) / ROUNDS
  }
  console.log(`${name.padEnd(44)} ${nanos.toFixed(0).padStart(6)} ns   (${sum % 7})`)
}

const frame = Buffer.alloc(32_768)
const write = (json: string): number => frame.latin1Write(json, 0)
const encoder = createRecordEncoder(LOG)

measure('draft alone', (seed) => draftOf(seed).time.length)
measure('draft + encode + write of both texts', (seed) => {
  const { json, text } = encoder.encode(draftOf(seed), seed)
  return write(text) + write(json)
})
measure('draft + encodeLogRecord + write of both', (seed) => {
  const { json, text } = encodeLogRecord(draftOf(seed), LOG, seed)
  return write(text) + write(json)
})
measure('the same, one value needs an escape', (seed) => {
  const draft = draftOf(seed)
  const attributes = { ...draft.attributes, 'http.route': '/v1/"orders"' }
  const { json, text } = encoder.encode({ ...draft, attributes }, seed)
  return write(text) + write(json)
})

const key = createSecretKey(Buffer.alloc(32, 1))
const pseudonyms = createPseudonymizer({
  hmac: (data) => createHmac('sha256', key).update(data).digest('base64url'),
  keyId: 'bench',
})
const token = `eyJ${'x'.repeat(800)}`
measure('pseudonym of a token of 800 characters', (seed) => {
  return pseudonyms.pseudonymOf('token', '', token + String(seed)).length
})
measure('pseudonym of an address, 1,000 of them', (seed) => {
  return pseudonyms.pseudonymOf('address', '', `10.0.${seed % 10}.${seed % 100}`).length
})
