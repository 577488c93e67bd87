import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHmac as nodeHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHmac, loadOrCreateKeys, resolveExporterOptions } from '@tokentrail/exporter'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { temporaryFolder } from '../support/folder.ts'

function keySettings() {
  const directory = temporaryFolder()
  return { directory, settings: resolveExporterOptions({ directory, slot: 's' }, {}) }
}

const failure = (code: string) => Object.assign(new Error(code), { code })

function codeOf(call: () => unknown): { code?: string; message: string } {
  try {
    call()
  } catch (error) {
    return error as { code?: string; message: string }
  }
  throw new Error('nothing was thrown')
}

describe('key files', () => {
  it('are made once, for the owner alone, and found the next time', () => {
    const { directory, settings } = keySettings()
    const first = loadOrCreateKeys(settings)
    expect(first.created).toEqual([settings.signingKeyFile, settings.pseudonymKeyFile])
    expect(first.warnings).toEqual([])
    const again = loadOrCreateKeys(settings)
    expect(again.created).toEqual([])
    expect(again.signing.publicJwk).toEqual(first.signing.publicJwk)
    expect(again.pseudonym.id).toBe(first.pseudonym.id)
    expect(again.pseudonym.epoch).toBe(1)
    const names = readdirSync(join(directory, 'keys')).sort()
    expect(names).toEqual(['pseudonym.jwk.json', 'root.jwk.json', 'signing.jwk.json'])
    for (const name of names) expect(statSync(join(directory, 'keys', name)).mode & 0o77).toBe(0)
  })

  it('publish the root without its private part', () => {
    const { settings } = keySettings()
    const { signing } = loadOrCreateKeys(settings)
    const root = JSON.parse(readFileSync(settings.rootKeyFile, 'utf8')) as object
    expect(root).toEqual(signing.publicJwk)
    expect(Object.keys(root).sort()).toEqual(['crv', 'kid', 'kty', 'x'])
  })

  it('replace a root that belongs to another key, and say so', () => {
    const { settings } = keySettings()
    loadOrCreateKeys(settings)
    writeFileSync(settings.rootKeyFile, '{"kty":"OKP"}')
    const { warnings, signing } = loadOrCreateKeys(settings)
    expect(warnings).toHaveLength(1)
    expect(JSON.parse(readFileSync(settings.rootKeyFile, 'utf8'))).toEqual(signing.publicJwk)
  })

  it('are used when a disk does not say who can read them', () => {
    const { settings } = keySettings()
    const before = loadOrCreateKeys(settings)
    let looks = 0
    const { signing, warnings } = loadOrCreateKeys(settings, {
      ...nodeDisk,
      // Both were found and read by the time that somebody asks for their permissions.
      stat: (path) => {
        if (path === settings.signingKeyFile && ++looks === 2) throw failure('EIO')
        return nodeDisk.stat(path)
      },
    })
    expect(signing.id).toBe(before.signing.id)
    expect(warnings).toEqual([expect.stringContaining(`${settings.signingKeyFile} cannot be told`)])
  })

  it('that others can read are used, with a warning that names the remedy', () => {
    const { settings } = keySettings()
    loadOrCreateKeys(settings)
    chmodSync(settings.signingKeyFile, 0o644)
    const { warnings } = loadOrCreateKeys(settings)
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 '${settings.signingKeyFile}'`)])
  })

  const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA'
  it.each([
    ['not JSON', `{"d":"${secret}"`],
    ['an array', '[]'],
    ['another kind of key', `{"kty":"oct","k":"${secret}"}`],
    [
      'a public key',
      '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}',
    ],
    ['another curve', `{"kty":"OKP","crv":"X25519","x":"${secret}","d":"${secret}"}`],
    ['a key that is too short', `{"kty":"OKP","crv":"Ed25519","x":"AA","d":"${secret}"}`],
    [
      'a public part that is not its own',
      '{"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}',
    ],
  ])('of signing are refused when they hold %s', (_, text) => {
    const { settings } = keySettings()
    loadOrCreateKeys(settings)
    writeFileSync(settings.signingKeyFile, text)
    const { code, message } = codeOf(() => loadOrCreateKeys(settings))
    expect(code).toBe('ERR_EXPORTER_KEY_MALFORMED')
    expect(message).toContain(settings.signingKeyFile)
    expect(message).not.toContain(secret.slice(0, 10))
  })

  it.each([
    ['no epoch', `{"kty":"oct","k":"${secret}","kid":"a"}`],
    ['epoch 0', `{"kty":"oct","k":"${secret}","kid":"a","epoch":0}`],
    ['no id', `{"kty":"oct","k":"${secret}","epoch":1}`],
    ['a short secret', '{"kty":"oct","k":"c2hvcnQ","kid":"a","epoch":1}'],
    ['a secret that is not base64url', `{"kty":"oct","k":"${secret}+/==","kid":"a","epoch":1}`],
  ])('of pseudonyms are refused when they hold %s', (_, text) => {
    const { settings } = keySettings()
    loadOrCreateKeys(settings)
    writeFileSync(settings.pseudonymKeyFile, text)
    const { code, message } = codeOf(() => loadOrCreateKeys(settings))
    expect(code).toBe('ERR_EXPORTER_KEY_MALFORMED')
    expect(message).not.toContain(secret.slice(0, 10))
  })

  it('that cannot be read are an error that names the file', () => {
    const { directory } = keySettings()
    const settings = resolveExporterOptions({ directory, slot: 's', signingKeyFile: directory }, {})
    const { code, message } = codeOf(() => loadOrCreateKeys(settings))
    expect(code).toBe('ERR_EXPORTER_KEY_UNREADABLE')
    expect(message).toContain(directory)
  })

  it('give a keyed hash', () => {
    const { settings } = keySettings()
    const { pseudonym } = loadOrCreateKeys(settings)
    const expected = nodeHmac('sha256', pseudonym.secret).update('é').digest('base64url')
    expect(createHmac(pseudonym.secret)('é')).toBe(expected)
  })
})
