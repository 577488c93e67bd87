import { generateKeyPairSync } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, request as requestHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, SignJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { InstanceIdentity } from '@tokentrail/viewer'
import { createIdentify } from '../src/registry/identify.ts'
import { readRegistryFile } from '../src/registry/registry-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { runMain } from './support/run.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ISSUER = 'https://kubernetes.default.svc'
const AUDIENCE = 'tokentrail-registry'

async function writeKeySet(folder: string): Promise<string> {
  const file = join(folder, 'jwks.json')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }
  writeFileSync(file, JSON.stringify({ keys: [jwk] }))
  return file
}

function signToken(
  claims: Readonly<Record<string, unknown>> = {},
  key = privateKey,
  alg = 'ES256',
): Promise<string> {
  return new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'system:serviceaccount:prod:orders',
    exp: Math.floor(Date.now() / 1000) + 600,
    'kubernetes.io': { namespace: 'prod', pod: { name: 'orders-7', uid: 'u' } },
    ...claims,
  })
    .setProtectedHeader({ alg, kid: 'k' })
    .sign(key)
}

describe('who an instance is, by its token', () => {
  const identify = async (authorization: string): Promise<InstanceIdentity | undefined> => {
    const jwks = await writeKeySet(temporaryFolder())
    const request = { headers: { authorization }, socket: {} } as unknown as IncomingMessage
    return createIdentify({ issuer: ISSUER, audience: AUDIENCE, jwks }, false)(request)
  }

  it('is its service account, and its pod where the token is bound to one', async () => {
    expect(await identify(`Bearer ${await signToken()}`)).toEqual({
      subject: 'system:serviceaccount:prod:orders',
      pod: 'orders-7',
    })
    expect(await identify(`bearer ${await signToken({ 'kubernetes.io': undefined })}`)).toEqual({
      subject: 'system:serviceaccount:prod:orders',
    })
  })

  it('is nobody with a token that does not hold', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const secret = Buffer.from(JSON.stringify(await exportJWK(publicKey)))
    const tokens = [
      await signToken({ aud: 'api' }),
      await signToken({ iss: 'https://other' }),
      await signToken({ exp: 1 }),
      await signToken({ exp: undefined }),
      await signToken({ sub: undefined }),
      await signToken({}, stranger),
      await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 's', exp: 9_999_999_999 })
        .setProtectedHeader({ alg: 'HS256', kid: 'k' })
        .sign(secret),
      'eyJhbGciOiJub25lIn0.e30.',
      'nonsense',
    ]
    for (const token of tokens) expect(await identify(`Bearer ${token}`)).toBeUndefined()
    expect(await identify('')).toBeUndefined()
    expect(await identify('Basic abc')).toBeUndefined()
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.log('Skipped: client certificates, because there is no openssl on PATH.')

it.skipIf(!hasOpenssl)('who an instance is, by its client certificate', async () => {
  const folder = temporaryFolder()
  const run = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder })
    if (status !== 0) throw new Error(stderr.toString())
  }
  const make = (name: string, subject: string): void => {
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`,
      '-subj', subject, '-days', '2') // prettier-ignore
  }
  make('server', '/CN=localhost')
  make('client', '/CN=orders')
  make('stranger', '/CN=orders')
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const identify = createIdentify(undefined, true)
  const server = createServer(
    {
      cert: read('server.pem'),
      key: read('server.key'),
      ca: read('client.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) =>
      void identify(request).then((identity) => response.end(JSON.stringify(identity ?? null))),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const ask = (name?: string, authorization?: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const own = name === undefined ? {} : { cert: read(`${name}.pem`), key: read(`${name}.key`) }
      const headers = authorization === undefined ? {} : { authorization }
      const options = { port, host: '127.0.0.1', ca: read('server.pem'), servername: 'localhost' }
      requestHttps({ ...options, ...own, headers, agent: false }, (response) => {
        let body = ''
        response.on('data', (part: Buffer) => (body += part.toString()))
        response.on('end', () => resolve(JSON.parse(body)))
      })
        .on('error', reject)
        .end()
    })
  expect(await ask('client')).toEqual({ subject: 'orders' })
  expect(await ask('stranger')).toBeNull()
  expect(await ask()).toBeNull()
  expect(await ask('client', 'Bearer nonsense')).toBeNull()
})

describe('the file of a registry', () => {
  async function write(change: object = {}): Promise<string> {
    const folder = temporaryFolder()
    await runMain(['keys', 'init', join(folder, 'keys'), '--name', 'example.com'], {
      now: BigInt(Date.now()) * 1_000_000n,
    })
    await writeKeySet(folder)
    writeFileSync(join(folder, 'witnesses.txt'), 'quorum none\n')
    const file = join(folder, 'registry.json')
    const content = {
      keys: 'keys',
      store: 'registry.sqlite',
      listen: { port: 0 },
      tokens: { issuer: ISSUER, audience: AUDIENCE, jwks: 'jwks.json' },
      instances: [{ subject: 'a', services: ['orders'], slots: ['{pod}'] }],
      policy: 'witnesses.txt',
      timestamps: ['https://tsa.example.com/'],
      ...change,
    }
    writeFileSync(file, JSON.stringify(content))
    return file
  }

  it('is read with paths relative to it', async () => {
    const file = await write()
    const { registry: read, roots } = readRegistryFile(file)
    expect(roots).toHaveLength(1)
    expect(read).toMatchObject({
      path: join(file, '..', 'registry.sqlite'),
      key: { origin: 'example.com/registry' },
      rules: [{ subject: 'a', services: ['orders'], slots: ['{pod}'] }],
      listener: { port: 0 },
      timestampUrls: ['https://tsa.example.com/'],
    })
    expect(read.issuer.chain).toBeTypeOf('string')
  })

  it.each([
    [{ instances: [] }, 'instances must be a list'],
    [{ instances: [{ subject: 'a', services: 'orders', slots: [] }] }, 'instances[0].services'],
    [{ nonsense: 1 }, 'nonsense must be left out'],
    [{ listen: { prot: 1 } }, 'listen.prot must be left out'],
    [{ listen: { port: 70_000 } }, 'listen.port must be a number'],
    [{ listen: { certificate: 'none.pem' } }, 'none.pem cannot be read'],
    [{ timestamps: ['ftp://x'] }, 'timestamps must be an http'],
    [{ tokens: undefined }, 'needs "tokens" or "listen.clientAuthorities"'],
    [{ tokens: { issuer: 'a', audience: 'b', jwks: 'none.json' } }, '"tokens.jwks"'],
    [{ policy: 'registry.json' }, 'tlog-policy: line 1'],
    [{ store: '' }, 'store must be a text'],
    [{ keys: 'nowhere' }, 'registry.jwk.json cannot be read'],
  ])('that says %j is refused', async (change, message) => {
    const file = await write(change)
    expect(() => readRegistryFile(file)).toThrow(message)
    const ran = await runMain(['viewer', '--registry', file])
    expect(ran.code).toBe(1)
    expect(ran.err.join()).toContain(message)
  })
})
