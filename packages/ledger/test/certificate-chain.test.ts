import { CompactSign, importJWK, type JWK } from 'jose'
import { expect, test } from 'vitest'
import {
  canonicalize,
  createNoteSigner,
  ERASURE_CERTIFICATE_TYPE,
  formatBase64Url,
  ISSUER_CERTIFICATE_TYPE,
  MAX_ISSUER_SECONDS,
  parseIssuerClaims,
  REGISTRY_CERTIFICATE_TYPE,
  verifyCertificate,
} from '../src/index.ts'
import { ROOT, seedOf, START_SECONDS } from './log-builder.ts'
import vector from './vectors/whole-log.json' with { type: 'json' }

const LOG = 'orders/0/test-log'

function keyOf(byte: number): JWK & { kty: string } {
  const x = formatBase64Url(createNoteSigner('k', seedOf(byte)).key.publicKey)
  return { kty: 'OKP', crv: 'Ed25519', x, d: formatBase64Url(seedOf(byte)) }
}

async function sign(header: object, claims: object, key: JWK): Promise<string> {
  return new CompactSign(new TextEncoder().encode(canonicalize(claims)))
    .setProtectedHeader({ alg: 'Ed25519', ...header })
    .sign(await importJWK(key, 'EdDSA'))
}

const publicPart = ({ kty, crv, x }: JWK): JWK => ({ kty, crv, x }) as JWK

interface ChainOptions {
  readonly use?: string
  readonly typ?: string
  readonly issuerTyp?: string
  readonly issuer?: object
  readonly leaf?: object
  readonly root?: JWK
  readonly signer?: JWK
  readonly chain?: unknown
}

/** Certificate of the log by key 8, whose own certificate is signed by the root. */
async function buildChain(options: ChainOptions = {}): Promise<string> {
  const issuer = await sign(
    { typ: options.issuerTyp ?? ISSUER_CERTIFICATE_TYPE },
    {
      iss: 'root',
      iat: START_SECONDS,
      nbf: START_SECONDS,
      exp: START_SECONDS + 1_000_000,
      use: options.use ?? 'endpoint',
      cnf: { jwk: publicPart(keyOf(8)) },
      ...options.issuer,
    },
    options.root ?? vector.rootKey,
  )
  return sign(
    { typ: options.typ ?? 'log-cert+jwt', chain: options.chain ?? [issuer] },
    {
      iss: 'registry.example.com',
      iat: START_SECONDS,
      nbf: START_SECONDS,
      exp: START_SECONDS + 86_400,
      log: LOG,
      cnf: { jwk: publicPart(keyOf(7)) },
      ...options.leaf,
    },
    options.signer ?? keyOf(8),
  )
}

const check = async (options: ChainOptions) =>
  verifyCertificate(await buildChain(options), [ROOT], LOG)

test('a certificate by a certified issuer is as good as one by the root', async () => {
  expect(await check({})).toMatchObject({ kind: 'log', selfIssued: false, log: LOG })
})

test('an issuer that services hold themselves makes it self-issued, whatever it says', async () => {
  expect(await check({ use: 'mounted' })).toMatchObject({ kind: 'log', selfIssued: true })
})

test('only an erasure issuer, or the root, certifies a log that erases', async () => {
  const typ = ERASURE_CERTIFICATE_TYPE
  expect(await check({ typ, use: 'erasure' })).toMatchObject({ kind: 'erasure' })
  const { kind } = await verifyCertificate(
    await sign(
      { typ },
      {
        iss: 'root',
        iat: 1,
        nbf: 1,
        exp: 2,
        log: LOG,
        cnf: { jwk: publicPart(keyOf(7)) },
      },
      vector.rootKey,
    ),
    [ROOT],
    LOG,
  )
  expect(kind).toBe('erasure')
})

test.each<[string, ChainOptions]>([
  ['an endpoint signs an erasure certificate', { typ: ERASURE_CERTIFICATE_TYPE }],
  ['an erasure key signs a log certificate', { use: 'erasure' }],
  ['any issuer signs a registry certificate', { typ: REGISTRY_CERTIFICATE_TYPE }],
  ['the issuer may do something unknown', { use: 'everything' }],
  ['the issuer certificate has another typ', { issuerTyp: 'log-cert+jwt' }],
  ['the issuer is signed by nobody known', { root: keyOf(9) }],
  ['another key than the issuer signed it', { signer: keyOf(9) }],
  ['it begins before its issuer', { leaf: { nbf: START_SECONDS - 1 } }],
  [
    'it begins after its issuer ended',
    { issuer: { exp: START_SECONDS + 1 }, leaf: { nbf: START_SECONDS + 1 } },
  ],
  ['the issuer lives too long', { issuer: { exp: START_SECONDS + MAX_ISSUER_SECONDS + 1 } }],
  ['the chain is no list', { chain: 'x' }],
  ['the chain is empty', { chain: [] }],
  ['the chain is longer than one', { chain: ['x', 'y'] }],
])('it is refused where %s', async (_, options) => {
  await expect(check(options)).rejects.toMatchObject({ code: 'ERR_LEDGER_CERTIFICATE_INVALID' })
})

test('a registry has a certificate for years, by the root', async () => {
  const claims = {
    iss: 'root',
    iat: START_SECONDS,
    nbf: START_SECONDS,
    exp: START_SECONDS + MAX_ISSUER_SECONDS,
    log: 'registry.example.com/1',
    cnf: { jwk: publicPart(keyOf(7)) },
  }
  const certificate = await sign({ typ: REGISTRY_CERTIFICATE_TYPE }, claims, vector.rootKey)
  expect(await verifyCertificate(certificate, [ROOT], claims.log)).toMatchObject({
    kind: 'registry',
    expires: claims.exp,
  })
})

test('whoever signs an issuer certificate can check it before', () => {
  const claims = {
    iss: 'r',
    iat: 1,
    nbf: 1,
    exp: 2,
    use: 'endpoint',
    cnf: { jwk: publicPart(keyOf(7)) },
  }
  const parse = (changed: object) =>
    parseIssuerClaims(new TextEncoder().encode(JSON.stringify({ ...claims, ...changed })))
  expect(parse({})).toMatchObject({ use: 'endpoint' })
  expect(() => parse({ use: 'registry' })).toThrow(/"use"/)
})
