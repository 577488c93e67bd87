import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { loadOrCreateKeys, loadPseudonymKey, resolveExporterOptions } from '@tokentrail/exporter'
import { startRecording } from '@tokentrail/node'
import { startViewer } from '@tokentrail/viewer'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-errors-'))
const secret = randomBytes(32).toString('base64url')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What an error shows to whoever looks closest: message, stack, cause and hidden members. */
async function inspectFailure(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
  } catch (error) {
    return inspect(error, { depth: Infinity, showHidden: true })
  }
  throw new Error('it was taken without a complaint')
}

describe('an error about a file or setting that holds a secret does not show it', () => {
  const file = join(folder, 'key.jwk.json')
  const contents = {
    'cut off': `{"kty":"oct","k":"${secret}"`,
    'no JSON': secret,
    'a member of the wrong type': `{"kty":"oct","k":"${secret}","kid":7}`,
    'a list': `["${secret}"]`,
    'of another kind': `{"kty":"RSA","n":"AQAB","e":"AQAB","d":"${secret}"}`,
    'too short': `{"kty":"oct","k":"${secret.slice(0, 20)}","kid":"a","epoch":1}`,
  }
  const resolve = (env: Record<string, string>) =>
    resolveExporterOptions({}, { TOKENTRAIL_DIR: folder, ...env })

  it.each(Object.entries(contents))('a pseudonym key that is %s', async (_, text) => {
    writeFileSync(file, text)
    const shown = await inspectFailure(() => loadPseudonymKey(file))
    expect(shown).toContain('ERR_EXPORTER_KEY_MALFORMED')
    expect(shown).not.toContain(secret.slice(0, 16))
  })

  it.each(Object.entries(contents))('a signing key that is %s', async (_, text) => {
    writeFileSync(file, text)
    const shown = await inspectFailure(() =>
      loadOrCreateKeys(resolve({ TOKENTRAIL_SIGNING_KEY_FILE: file })),
    )
    expect(shown).toContain('ERR_EXPORTER_KEY_MALFORMED')
    expect(shown).not.toContain(secret.slice(0, 16))
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', `ftp://user:${secret}@example.com`],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', `http://user:${secret}@exa mple.com`],
    ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', secret],
    ['OTEL_EXPORTER_OTLP_HEADERS', `authorization Bearer ${secret}`],
    ['OTEL_EXPORTER_OTLP_HEADERS', `authorization=Bearer%20${secret}%`],
    ['OTEL_EXPORTER_OTLP_HEADERS', `bad name=${secret}`],
    ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', `authorization=${secret}%0A`],
  ])('%s', async (name, value) => {
    const shown = await inspectFailure(() => resolve({ [name]: value }))
    expect(shown).toContain(name)
    expect(shown).not.toContain(secret.slice(0, 16))
  })

  it('a policy file', async () => {
    writeFileSync(file, `routes: { "${secret}": [`)
    const env = { TOKENTRAIL_DIR: folder, TOKENTRAIL_CONFIG: file }
    const shown = await inspectFailure(() => startRecording({}, { env }))
    expect(shown).toContain(file)
    expect(shown).not.toContain(secret.slice(0, 16))
  })

  it("the viewer's endpoint", async () => {
    const endpoint = `ftp://user:${secret}@example.com`
    const shown = await inspectFailure(() => startViewer({ endpoint }))
    expect(shown).toContain('"endpoint"')
    expect(shown).not.toContain(secret.slice(0, 16))
  })
})
