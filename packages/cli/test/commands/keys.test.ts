import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  chmodSync,
} from 'node:fs'
import { join } from 'node:path'
import { loadPseudonymKey, loadSigningKey } from '@tokentrail/exporter'
import { verifyCertificate, verifyIssuerCertificate } from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { readRootKeys } from '../../src/root-keys.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runMain, type Ran } from '../support/run.ts'

const NOW = BigInt(Date.parse('2026-11-24T10:00:00Z')) * 1_000_000n
const YEAR = 31_536_000_000_000_000n

const keys = (args: readonly string[], now = NOW, env = {}): Promise<Ran> =>
  runMain(['keys', ...args], { now, env })

async function init(...args: string[]): Promise<{ folder: string; ran: Ran }> {
  const folder = join(temporaryFolder(), 'keys')
  return { folder, ran: await keys(['init', folder, '--name', 'example.com', ...args]) }
}

interface KeyFile {
  readonly d?: string
  readonly k?: string
  readonly kid: string
  readonly certificate: string
  readonly origin: string
}
const read = (folder: string, name: string): KeyFile =>
  JSON.parse(readFileSync(join(folder, `${name}.jwk.json`), 'utf8')) as KeyFile

const FILES = ['erasure', 'instance', 'pseudonym', 'registry', 'root-private', 'root'].map(
  (name) => `${name}.jwk.json`,
)

/** Every secret of a set, to be looked for where it must not be. */
function secretsOf(folder: string): string[] {
  return FILES.flatMap((file) => {
    const { d, k } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as KeyFile
    return [d, k].filter((secret) => secret !== undefined)
  })
}

describe('tokentrail keys init', () => {
  it('makes a set that the root has certified, for its owner alone, and prints no secret', async () => {
    const { folder, ran } = await init()
    expect(ran.code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual([...FILES].sort())
    for (const file of FILES) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    const roots = readRootKeys([join(folder, 'root.jwk.json')])
    const { certificate, origin } = read(folder, 'registry')
    expect(origin).toBe('example.com/registry')
    expect((await verifyCertificate(certificate, roots, origin)).kind).toBe('registry')
    const uses = [read(folder, 'instance'), read(folder, 'erasure')].map(async (key) => {
      const { use } = await verifyIssuerCertificate(key.certificate, roots)
      return use
    })
    expect(await Promise.all(uses)).toEqual(['endpoint', 'erasure'])
    for (const secret of secretsOf(folder)) expect(ran.out + ran.err.join()).not.toContain(secret)
  })

  it('keeps what is there, and finishes a set that was interrupted', async () => {
    const { folder } = await init()
    const before = read(folder, 'instance')
    rmSync(join(folder, 'erasure.jwk.json'))
    const again = await keys(['init', folder, '--name', 'example.com'])
    expect(again.out).toContain('erasure.jwk.json')
    expect(again.out).not.toContain('made ' + join(folder, 'instance'))
    expect(read(folder, 'instance')).toEqual(before)
  })

  it('does not pass a set of another name or use for the one that was asked for', async () => {
    const { folder } = await init()
    const other = await keys(['init', folder, '--name', 'example.org'])
    expect(other).toMatchObject({ code: 1 })
    expect(other.err.join()).toContain('"example.com/registry"')
    const mounted = await keys(['init', folder, '--name', 'example.com', '--mounted'])
    expect(mounted).toMatchObject({ code: 1 })
    expect(mounted.err.join()).toContain('"endpoint", not "mounted"')
  })

  it('makes no second root where the first was taken away', async () => {
    const { folder } = await init()
    rmSync(join(folder, 'root-private.jwk.json'))
    const again = await keys(['init', folder, '--name', 'example.com'])
    expect(again).toMatchObject({ code: 1 })
    expect(again.err.join()).toContain('bring back')
  })

  it('writes one Kubernetes Secret without the root and the erasure key', async () => {
    const manifest = join(temporaryFolder(), 'secret.yaml')
    const { folder, ran } = await init('--kubernetes', manifest, '--namespace', 'prod')
    expect(statSync(manifest).mode & 0o777).toBe(0o600)
    const secret = parseYaml(readFileSync(manifest, 'utf8')) as {
      readonly kind: string
      readonly metadata: object
      readonly stringData: Readonly<Record<string, string>>
    }
    expect(secret.kind).toBe('Secret')
    expect(secret.metadata).toMatchObject({ name: 'tokentrail-keys', namespace: 'prod' })
    expect(Object.keys(secret.stringData).sort()).toEqual(
      ['instance', 'pseudonym', 'registry', 'root'].map((name) => `${name}.jwk.json`),
    )
    expect(JSON.parse(secret.stringData['pseudonym.jwk.json'] ?? '')).toEqual(
      read(folder, 'pseudonym'),
    )
    const text = readFileSync(manifest, 'utf8')
    for (const name of ['root-private', 'erasure']) {
      expect(text).not.toContain(read(folder, name).d)
    }
    expect(ran.out).not.toContain(read(folder, 'pseudonym').k)
    const again = await keys(['init', folder, '--name', 'x', '--kubernetes', manifest])
    expect(again).toMatchObject({ code: 1 })
  })

  it('lets services hold the instance key where there is no registry', async () => {
    const { folder } = await init('--mounted')
    const { chain } = loadSigningKey(join(folder, 'instance.jwk.json'))
    const roots = readRootKeys([join(folder, 'root.jwk.json')])
    expect((await verifyIssuerCertificate(chain ?? '', roots)).use).toBe('mounted')
  })

  it.each([
    [['init'], 'where'],
    [['init', 'x'], '--name'],
    [['init', 'x', '--name', 'a b'], '--name'],
    [['init', 'x', 'y', '--name', 'a'], '"y"'],
    [['spin', 'x'], '"spin"'],
    [['rotate', 'x', 'all'], 'root, registry'],
    [['destroy-epoch', 'x'], '--epoch'],
    [['destroy-epoch', 'x', '--epoch', '1'], '--yes'],
  ])('refuses %j', async (args, named) => {
    const ran = await keys(args)
    expect(ran.code).toBe(2)
    expect(ran.err.join('\n')).toContain(named)
  })
})

describe('tokentrail keys list', () => {
  it('shows ids, epochs and ends without a secret', async () => {
    const { folder } = await init()
    const ran = await keys(['list', folder])
    expect(ran.code).toBe(0)
    for (const name of ['root', 'registry', 'instance', 'erasure', 'pseudonym']) {
      expect(ran.out).toContain(read(folder, name).kid)
    }
    for (const secret of secretsOf(folder)) expect(ran.out).not.toContain(secret)
  })

  it('tells of an expired certificate, a foreign root and open permissions', async () => {
    const { folder } = await init()
    const expired = await keys(['list', folder], NOW + 2n * YEAR)
    expect(expired).toMatchObject({ code: 1 })
    expect(expired.out.match(/expired/g)).toHaveLength(2)
    chmodSync(join(folder, 'pseudonym.jwk.json'), 0o644)
    expect((await keys(['list', folder])).out).toContain('readable by others')
    const other = await init()
    writeFileSync(
      join(folder, 'root.jwk.json'),
      readFileSync(join(other.folder, 'root.jwk.json'), 'utf8'),
    )
    expect((await keys(['list', folder])).out).toContain('not certified by the root')
    expect((await keys(['list', temporaryFolder()])).code).toBe(1)
  })
})

describe('tokentrail keys rotate', () => {
  it.each(['instance', 'erasure'])('makes a new %s key of the same use', async (name) => {
    const { folder } = await init()
    const before = read(folder, name)
    expect((await keys(['rotate', folder, name], NOW + YEAR)).code).toBe(0)
    const after = read(folder, name)
    expect(after.kid).not.toBe(before.kid)
    const roots = readRootKeys([join(folder, 'root.jwk.json')])
    const [old, now] = await Promise.all(
      [before, after].map((key) => verifyIssuerCertificate(key.certificate, roots)),
    )
    expect(now?.use).toBe(old?.use)
    expect(now?.exp).toBeGreaterThan(old?.exp ?? 0)
  })

  it('keeps the key of the registry and renews its certificate', async () => {
    const { folder } = await init()
    const before = read(folder, 'registry')
    await keys(['rotate', folder, 'registry'], NOW + YEAR)
    const after = read(folder, 'registry')
    expect(after).toEqual({ ...before, certificate: after.certificate })
    expect(after.certificate).not.toBe(before.certificate)
  })

  it('makes a new root that certifies the same keys, and keeps the old one for verifiers', async () => {
    const { folder } = await init()
    const certificate = read(folder, 'erasure').certificate
    await keys(['rotate', folder, 'root'])
    const roots = readRootKeys([join(folder, 'root.jwk.json')])
    expect(roots).toHaveLength(2)
    await verifyIssuerCertificate(certificate, roots)
    await verifyIssuerCertificate(read(folder, 'erasure').certificate, roots.slice(0, 1))
    expect((await keys(['list', folder])).code).toBe(0)
  })

  it('begins an epoch and keeps the key of the one before', async () => {
    const { folder } = await init()
    const { id } = loadPseudonymKey(join(folder, 'pseudonym.jwk.json'))
    await keys(['rotate', folder, 'pseudonym'])
    expect(loadPseudonymKey(join(folder, 'pseudonym.jwk.json')).epoch).toBe(2)
    expect(loadPseudonymKey(join(folder, 'pseudonym.1.jwk.json'))).toMatchObject({ id, epoch: 1 })
    expect((await keys(['list', folder])).out).toContain('search of older pseudonyms')
  })

  it('is what expiring the epoch in use does; an older one only stays', async () => {
    const { folder } = await init()
    expect((await keys(['expire', folder, '--epoch', '1'])).code).toBe(0)
    expect(loadPseudonymKey(join(folder, 'pseudonym.jwk.json')).epoch).toBe(2)
    expect((await keys(['expire', folder, '--epoch', '1'])).out).toContain('not in use')
    expect(loadPseudonymKey(join(folder, 'pseudonym.jwk.json')).epoch).toBe(2)
    expect((await keys(['expire', folder, '--epoch', '7'])).code).toBe(1)
    expect((await keys(['expire', folder])).code).toBe(2)
  })

  it('needs the root, and says so', async () => {
    const { folder } = await init()
    rmSync(join(folder, 'root-private.jwk.json'))
    const ran = await keys(['rotate', folder, 'instance'])
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err.join()).toContain('bring it back')
  })
})

describe('tokentrail keys destroy-epoch', () => {
  it('rotates, destroys every file of the epoch, and records it under the erasure key', async () => {
    const directory = temporaryFolder()
    const folder = join(directory, 'keys')
    await keys(['init', folder, '--name', 'example.com'])
    const { k } = read(folder, 'pseudonym')
    // Another name for the same blocks, which removing the file does not touch.
    const blocks = join(directory, 'blocks')
    linkSync(join(folder, 'pseudonym.jwk.json'), blocks)
    const env = { TOKENTRAIL_DIR: directory, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const ran = await keys(['destroy-epoch', folder, '--epoch', '1', '--yes'], NOW, env)
    expect(ran.err).toEqual([])
    expect(ran.code).toBe(0)
    expect(existsSync(join(folder, 'pseudonym.1.jwk.json'))).toBe(false)
    expect(read(folder, 'pseudonym').k).not.toBe(k)
    expect(readFileSync(blocks, 'utf8')).not.toContain(k)
    expect(loadPseudonymKey(blocks).epoch).toBe(1)
    const held = execFileSync('grep', ['-rl', 'subject.erased', join(directory, 'journal')])
    expect(held.toString()).toContain('.seg')
    expect((await keys(['destroy-epoch', folder, '--epoch', '1', '--yes'], NOW, env)).code).toBe(1)
  })
})
