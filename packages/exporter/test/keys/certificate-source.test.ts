import { spawnSync } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { resolveExporterOptions, type RegistrySettings } from '@tokentrail/exporter'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCertificateSource } from '../../src/keys/registry/certificate-source.ts'
import { register } from '../../src/keys/registry/registration.ts'
import { temporaryFolder } from '../support/folder.ts'

interface Asked {
  readonly authorization: string | undefined
  readonly origin: string
  readonly publicKey: string
  readonly signature: string
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** A registry that answers with these statuses, then always with the last. */
function answering(statuses: number[], asked: Asked[]): RequestListener {
  return (request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const { authorization } = request.headers
      asked.push({ authorization, ...(JSON.parse(body) as Omit<Asked, 'authorization'>) })
      const status = statuses.length > 1 ? statuses.shift() : statuses[0]
      response.writeHead(status ?? 500)
      response.end(JSON.stringify({ certificate: `aaa.bbb.ccc${asked.length}` }))
    })
  }
}

function settings(url: string, more: Partial<RegistrySettings> = {}): RegistrySettings {
  return {
    url,
    tokenFile: undefined,
    authorityFile: undefined,
    clientCertificateFile: undefined,
    clientKeyFile: undefined,
    ...more,
  }
}

function createSource(registry: RegistrySettings) {
  const failures: string[] = []
  const held = new Set<string>()
  const canReserve = { value: true }
  let serial = 0
  const source = createCertificateSource({
    registry,
    // The registry answers on this thread, so nothing may wait for it here.
    waitMillis: 0,
    createUuid: () => `uuid-${++serial}`,
    originOf: (uuid) => `orders/0/${uuid}`,
    reserve: (uuid) => {
      if (!canReserve.value) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      held.add(uuid)
      return { release: () => void held.delete(uuid) }
    },
    onFailure: (message) => failures.push(message),
  })
  onTestFinished(() => source.close())
  const ready = async (): Promise<void> => {
    for (let i = 0; i < 200 && !source.isReady(); i++) await sleep(25)
    expect(source.isReady()).toBe(true)
  }
  return { source, failures, ready, held, canReserve }
}

describe('the source of certificates', () => {
  it('asks in the background with a proof of possession, until it has one', async () => {
    const asked: Asked[] = []
    const port = await listen(createServer(answering([503, 201], asked)))
    const tokenFile = join(temporaryFolder(), 'token')
    writeFileSync(tokenFile, 'one\n')
    const { source, failures, ready } = createSource(
      settings(`http://127.0.0.1:${port}`, { tokenFile }),
    )
    expect(source.take()).toBeUndefined()
    expect(failures).toHaveLength(1)
    for (let i = 0; i < 200 && asked.length === 0; i++) await sleep(10)
    writeFileSync(tokenFile, 'two\n')
    await ready()
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two'])
    const first = asked.at(0)
    const { origin, publicKey, signature } = first ?? { origin: '', publicKey: '', signature: '' }
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey },
      format: 'jwk',
    })
    const message = Buffer.from(`tokentrail-registration/v1\n${origin}\n`)
    expect(verify(null, message, key, Buffer.from(signature, 'base64url'))).toBe(true)
    const certified = source.take()
    expect(certified).toMatchObject({ uuid: 'uuid-1', certificate: 'aaa.bbb.ccc2' })
    expect(source.isReady()).toBe(false)
  })

  it('gives what could not be used once more, and then asks for another', async () => {
    const asked: Asked[] = []
    const port = await listen(createServer(answering([201], asked)))
    const { source, ready } = createSource(settings(`http://127.0.0.1:${port}`))
    source.prepare()
    source.prepare()
    await ready()
    const certified = source.take()!
    source.giveBack(certified)
    expect(source.isReady()).toBe(true)
    expect(source.take()).toBe(certified)
    source.prepare()
    await ready()
    expect(source.take()?.uuid).toBe('uuid-2')
    expect(asked).toHaveLength(2)
  })
})

describe('a log that a registry was asked to certify', () => {
  it('is noted and locked before it is asked, and stays so until it is opened', async () => {
    const asked: Asked[] = []
    const port = await listen(createServer(answering([201], asked)))
    const { source, ready, held } = createSource(settings(`http://127.0.0.1:${port}`))
    source.prepare()
    expect([...held]).toEqual(['uuid-1'])
    await ready()
    const certified = source.take()
    expect([...held]).toEqual(['uuid-1'])
    certified?.lock.release()
    expect(held.size).toBe(0)
  })

  it('is given up with its lock, asked or certified or given back, and not taken any more', async () => {
    const asked: Asked[] = []
    const port = await listen(createServer(answering([201], asked)))
    const { source, ready, held } = createSource(settings(`http://127.0.0.1:${port}`))
    expect(source.abandon()).toBeUndefined()
    source.prepare()
    expect(source.abandon()).toMatchObject({ uuid: 'uuid-1', origin: 'orders/0/uuid-1' })
    source.prepare()
    await ready()
    source.giveBack(source.take()!)
    expect(source.abandon()).toMatchObject({ uuid: 'uuid-2' })
    expect(source.isReady()).toBe(false)
    source.prepare()
    source.close()
    expect([...held]).toEqual(['uuid-1', 'uuid-2'])
  })

  it('is not asked for where it cannot be noted, and is later', async () => {
    const asked: Asked[] = []
    const port = await listen(createServer(answering([201], asked)))
    const { source, ready, failures, canReserve } = createSource(
      settings(`http://127.0.0.1:${port}`),
    )
    canReserve.value = false
    expect(source.take()).toBeUndefined()
    expect(failures[0]).toContain('its folder cannot be made: ENOSPC')
    expect(asked).toEqual([])
    canReserve.value = true
    source.prepare()
    await ready()
    expect(asked).toHaveLength(1)
  })
})

describe('asking a registry', () => {
  const task = { origin: 'o', publicKey: 'k', signature: 's' }

  it.each([
    [201, { status: 'issued', certificate: 'aaa.bbb.ccc1' }],
    [400, { status: 'failed', isFinal: true }],
    [401, { status: 'failed', isFinal: false }],
    [403, { status: 'failed', isFinal: true, reason: 'it answered 403' }],
    [409, { status: 'failed', isFinal: true }],
    [503, { status: 'failed', isFinal: false }],
  ])('that answers %s', async (status, expected) => {
    const port = await listen(createServer(answering([status], [])))
    expect(await register({ ...settings(`http://127.0.0.1:${port}/`), ...task })).toMatchObject(
      expected,
    )
  })

  it('that is not there, answers nonsense, or whose token file is missing', async () => {
    expect(await register({ ...settings('http://127.0.0.1:9'), ...task })).toMatchObject({
      reason: 'ECONNREFUSED',
    })
    const port = await listen(createServer((_, response) => response.writeHead(201).end('{}')))
    const url = `http://127.0.0.1:${port}`
    expect(await register({ ...settings(url), ...task })).toMatchObject({ status: 'failed' })
    const tokenFile = join(temporaryFolder(), 'none')
    expect(await register({ ...settings(url, { tokenFile }), ...task })).toMatchObject({
      reason: 'ENOENT',
    })
  })

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0
  it.skipIf(!hasOpenssl)('over TLS, with an authority and a client certificate', async () => {
    const folder = temporaryFolder()
    for (const name of ['server', 'client']) {
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
      spawnSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject,
          '-keyout', `${name}.key`, '-out', `${name}.pem`], // prettier-ignore
        { cwd: folder },
      )
    }
    const file = (name: string): string => join(folder, name)
    const server = createTlsServer(
      {
        cert: readFileSync(file('server.pem')),
        key: readFileSync(file('server.key')),
        ca: readFileSync(file('client.pem')),
        requestCert: true,
      },
      answering([201], []),
    )
    const url = `https://127.0.0.1:${await listen(server)}`
    const files = {
      authorityFile: file('server.pem'),
      clientCertificateFile: file('client.pem'),
      clientKeyFile: file('client.key'),
    }
    expect(await register({ ...settings(url, files), ...task })).toMatchObject({ status: 'issued' })
    expect(await register({ ...settings(url), ...task })).toMatchObject({ status: 'failed' })
  })
})

it('the registry is resolved from code, else the environment', () => {
  const resolve = (options: object, env = {}) => resolveExporterOptions(options, env).registry
  expect(resolve({})).toBeUndefined()
  const env = {
    TOKENTRAIL_REGISTRY_URL: 'https://registry.example.com',
    TOKENTRAIL_REGISTRY_TOKEN_FILE: '/token',
  }
  expect(resolve({}, env)).toMatchObject({
    url: 'https://registry.example.com',
    tokenFile: '/token',
  })
  expect(resolve({ registryUrl: 'http://localhost:1' }, env)).toMatchObject({
    url: 'http://localhost:1',
  })
  expect(() => resolve({ registryUrl: 'ftp://x' })).toThrow(/"registryUrl"/)
  expect(() => resolve({}, { TOKENTRAIL_REGISTRY_URL: 'http://u:p@x' })).toThrow(/REGISTRY_URL/)
})
