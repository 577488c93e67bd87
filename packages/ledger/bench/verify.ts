/**
 * Measures the verification of an export, body alone and with its OTLP attributes:
 *
 *     node --conditions=@tokentrail/source packages/ledger/bench/verify.ts [records]
 *
 * The records are made in batches and not kept. What is counted is the processor time of the whole
 * process while the verifier has the turn, so that a busy machine does not blur it much.
 */
import { hash } from 'node:crypto'
import { CompactSign, generateKeyPair, exportJWK } from 'jose'
import {
  CERTIFICATE_TYPE,
  CHECKPOINT_TYPE,
  buildCheckpointNote,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  encodeCheckpointMembers,
  encodeRoutes,
  formatBase64Url,
  hashLeaf,
  verifyLogs,
  type ExportedRecord,
} from '../src/index.ts'

const RECORDS = Number(process.argv[2] ?? 200_000)
const LEAVES_PER_CHECKPOINT = 120
const SECONDS = 1_795_470_000
const LOG = 'orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'
const SEED = new Uint8Array(32).fill(7)

const root = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
const rootJwk = await exportJWK(root.publicKey)
const signer = createNoteSigner(LOG, SEED)
const cosigner = createCosigner(LOG, SEED)
const claims = {
  iss: 'bench',
  iat: SECONDS - 60,
  nbf: SECONDS - 60,
  exp: SECONDS + 80_000,
  log: LOG,
  cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: formatBase64Url(signer.key.publicKey) } },
}
const certificate = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
  .setProtectedHeader({ alg: 'EdDSA', typ: CERTIFICATE_TYPE })
  .sign(root.privateKey)

/** Members in canonical order, so that `JSON.stringify` is enough. */
function requestText(index: number): string {
  return `{"attributes":{"client.address":"_HcFxQc972PY71YKeT0YJA","compliance.framework":["hipaa","soc2"],"http.request.method":"GET","http.response.status_code":200,"http.route":"/v1/orders/:id","oauth.client.id":"s6BhdRkqt3","oauth.decision":"allow","oauth.session.first_seen":true,"oauth.token.fingerprint":"LtSEX2B5_TR7pxGC0ehSAw","oauth.token.scopes":["orders:read","orders:write"],"user.hash":"zyDOnUauNBpPoVwqDQ7LzQ","user_agent.name":"Firefox","user_agent.original":"dYuhVhlFT-FV_18y_CfZBw"},"index":${index},"log":"${LOG}","session":"QaInQnUtCl_CHk5vEBVr8A","span":"00f067aa0ba902b7","time":"${SECONDS}${String(index % 1_000_000_000).padStart(9, '0')}","trace":"4bf92f3577b34da6a3ce929d0e0e4736","type":"oauth.request","v":1}`
}

function* makeTexts(count: number): Generator<string> {
  const tree = createMerkleTree()
  let leaves: Uint8Array[] = []
  let from = 0
  const keep = (text: string): string => {
    const leaf = hashLeaf(text)
    tree.append(leaf)
    leaves.push(leaf)
    return text
  }
  yield keep(
    JSON.stringify({
      certificate,
      index: 0,
      log: LOG,
      time: `${SECONDS}000000000`,
      type: 'tokentrail.log.open',
      v: 1,
    }),
  )
  while (tree.size < count) {
    for (let i = 0; i < LEAVES_PER_CHECKPOINT; i++) yield keep(requestText(tree.size))
    const index = tree.size
    const note = buildCheckpointNote({
      size: index,
      root: tree.root(),
      timestamp: BigInt(SECONDS),
      signer,
      cosigner,
    })
    const routes = encodeRoutes(leaves.map(() => ['hipaa']))
    const members = encodeCheckpointMembers({ note, from, leafHashes: leaves, routes })
    leaves = []
    from = index
    yield keep(
      JSON.stringify({
        from: members.from,
        index,
        leaves: members.leaves,
        log: LOG,
        note,
        routes,
        time: `${SECONDS}000000000`,
        type: CHECKPOINT_TYPE,
        v: 1,
      }),
    )
  }
}

function project(body: string): ExportedRecord {
  const record = JSON.parse(body) as Record<string, string & Record<string, unknown>>
  return {
    body,
    eventName: record['type'] ?? '',
    timeUnixNano: record['time'] ?? '',
    traceId: record['trace'] ?? '',
    spanId: record['span'] ?? '',
    attributes: {
      ...record['attributes'],
      ...(record['session'] !== undefined && { 'oauth.session.id': record['session'] }),
      'log.record.uid': `${record['log']}.${String(record['index'])}`,
    },
  }
}

interface Stopwatch {
  /** Microseconds of processor time. */
  micros: number
  readonly records: Iterable<ExportedRecord>
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Batches of records; the clock runs only while the verifier has the turn. */
function timed(make: (body: string) => ExportedRecord): Stopwatch {
  const watch: Stopwatch = {
    micros: 0,
    records: (function* () {
      let batch: ExportedRecord[] = []
      for (const text of makeTexts(RECORDS)) {
        // A text that came out of a parser is one flat string, not a tree of concatenations.
        batch.push(make(Buffer.from(text).toString()))
        if (batch.length < 5_000) continue
        const start = cpuMicros()
        yield* batch
        watch.micros += cpuMicros() - start
        batch = []
      }
      const start = cpuMicros()
      yield* batch
      watch.micros += cpuMicros() - start
    })(),
  }
  return watch
}

/** What the native SHA-256 of the same texts takes: figures hold as ratios to it. */
function measureReference(): number {
  const texts = Array.from({ length: 50_000 }, (_, i) => `\u0000${requestText(i)}`)
  let micros = 0
  for (let round = 0; round < 2; round++) {
    const start = cpuMicros()
    for (const text of texts) hash('sha256', text, 'buffer')
    micros = (cpuMicros() - start) / texts.length
  }
  return micros
}

const reference = measureReference()
console.log(`SHA-256 of a text alone: ${reference.toFixed(2)} µs`)
for (const [name, make] of [
  ['body alone', (body: string): ExportedRecord => ({ body })],
  ['with attributes', project],
] as const) {
  const watch = timed(make)
  let finished = 0
  const report = await verifyLogs(watch.records, {
    roots: [rootJwk],
    route: '*',
    onProgress: () => (finished = cpuMicros()),
  })
  const perRecord = (watch.micros + cpuMicros() - finished) / report.records
  const mebibytes = process.memoryUsage().rss / 2 ** 20
  console.log(
    `${name}: ${report.records} records, ${report.verdict}, ${perRecord.toFixed(2)} µs each ` +
      `(${(perRecord / reference).toFixed(1)} times the reference), ` +
      `${Math.round(1_000_000 / perRecord)} records/s, rss ${mebibytes.toFixed(0)} MiB`,
  )
}
