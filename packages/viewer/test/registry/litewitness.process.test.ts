import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  COSIGNATURE_TYPE,
  createVerifierKey,
  formatBase64,
  formatVerifierKey,
  openNote,
} from '@tokentrail/ledger'
import { afterAll, describe, expect, it } from 'vitest'
import { requestCosignature } from '../../src/registry/anchors/witness-client.ts'
import { makeInstance, openTestRegistry, ORDERS } from './support.ts'

const VERSION = 'v0.9.0'
const NAME = 'witness.example.com/lite'
const folder = mkdtempSync(join(tmpdir(), 'tokentrail-lite-'))
const running: ChildProcess[] = []
const reason = build()
if (reason !== undefined) console.log(`Skipped: torchwood's litewitness, because ${reason}.`)

afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Builds the witness of the Go ecosystem; says why that was not possible. */
function build(): string | undefined {
  const env = { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' }
  const options = { env, encoding: 'utf8', timeout: 240_000 } as const
  if (spawnSync('go', ['version'], options).status !== 0) return 'there is no go on PATH'
  if (spawnSync('ssh-agent', ['-V'], options).error !== undefined) return 'there is no ssh-agent'
  const target = `filippo.io/torchwood/cmd/litewitness@${VERSION}`
  const installed = spawnSync('go', ['install', target], options)
  return installed.status === 0 ? undefined : 'it could not be fetched or built'
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function until(predicate: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await predicate()) return
    await sleep(50)
  }
  throw new Error(`waited in vain for ${what}`)
}

function start(command: string, args: readonly string[], env = {}): ChildProcess {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env } })
  running.push(child)
  return child
}

/** An OpenSSH private key file of an Ed25519 key (PROTOCOL.key), unencrypted. */
function formatOpenSshKey(x: Buffer, d: Buffer): string {
  const text = (bytes: Uint8Array | string): Buffer => {
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    return Buffer.concat([length, content])
  }
  const one = Buffer.from([0, 0, 0, 1])
  const publicPart = Buffer.concat([text('ssh-ed25519'), text(x)])
  const secret = Buffer.concat([
    Buffer.from([1, 2, 3, 4, 1, 2, 3, 4]),
    publicPart,
    text(Buffer.concat([d, x])),
    text(''),
  ])
  const padding = Buffer.from(
    Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1),
  )
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    one,
    text(publicPart),
    text(Buffer.concat([secret, padding])),
  ])
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    '',
  ].join('\n')
}

describe.skipIf(reason !== undefined)('the witness client against litewitness', () => {
  it('gets cosignatures, follows 409, is refused a tree that does not follow', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
    const [publicKey, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')]
    const keyFile = join(folder, 'key.pem')
    writeFileSync(keyFile, formatOpenSshKey(publicKey, seed), { mode: 0o600 })
    const agent = join(folder, 'a')
    start('ssh-agent', ['-a', agent, '-D'])
    await until(() => existsSync(agent), 'ssh-agent')
    const added = spawnSync('ssh-add', [keyFile], {
      env: { ...process.env, SSH_AUTH_SOCK: agent },
      encoding: 'utf8',
    })
    expect(added).toMatchObject({ status: 0 })

    const test = openTestRegistry()
    const port = await freePort()
    const database = join(folder, 'lite', 'litewitness.db')
    mkdirSync(join(folder, 'lite'))
    const keyHash = createHash('sha256').update(publicKey).digest('hex')
    const arguments_ = ['-ssh-agent', agent, '-key', keyHash, '-name', NAME, '-db', database]
    start(join(folder, 'litewitness'), [...arguments_, '-listen', `127.0.0.1:${port}`])
    const url = `http://127.0.0.1:${port}`
    await until(() => fetch(url).then(() => true, () => false), 'litewitness') // prettier-ignore
    // Its own tool adds logs of two other kinds; the table takes any.
    const db = new DatabaseSync(database, { timeout: 5_000 })
    const emptyRoot = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    const { origin } = test.log
    db.prepare('INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)').run(
      origin,
      emptyRoot,
    )
    db.prepare('INSERT INTO key (origin, key) VALUES (?, ?)').run(
      origin,
      formatVerifierKey(test.log.signer.key),
    )
    db.close()

    const key = createVerifierKey(NAME, COSIGNATURE_TYPE, publicKey)
    const witness = { name: 'lite', key, url }
    const ask = (oldSize: number, of = test) => {
      const head = of.log.head!
      const proofFrom = (size: number) => of.log.consistencyProof(size, head.size)
      return requestCosignature(witness, { ...head, proofFrom }, oldSize, {
        fetch,
        timeoutMillis: 10_000,
      })
    }
    const first = await ask(0)
    expect(first).toMatchObject({ status: 'cosigned' })
    const { note = '' } = first as { note?: string }
    expect(openNote(note, [key, test.log.signer.key]).verified).toHaveLength(2)
    for (let i = 0; i < 40; i++) test.registry.register(makeInstance().request, ORDERS)
    test.log.checkpoint()
    // From the wrong size: it answers 409 with the right one.
    expect(await ask(0)).toMatchObject({ status: 'cosigned' })
    const size = test.log.head!.size
    expect(await ask(size)).toMatchObject({ status: 'cosigned' })
    const restored = openTestRegistry(':memory:', test.keys)
    expect(await ask(0, restored)).toMatchObject({ status: 'conflict' })
    for (let i = 0; i < 60; i++) restored.registry.register(makeInstance().request, ORDERS)
    restored.log.checkpoint()
    expect(await ask(size, restored)).toMatchObject({
      status: 'conflict',
      message: expect.stringContaining('422') as string,
    })
    const stranger = openTestRegistry()
    expect(await ask(size, stranger)).toMatchObject({ status: 'failed' })
    expect(formatBase64(key.publicKey)).toHaveLength(44)
  }, 300_000)
})
