import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SignJWT, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesHolding } from './support/files.ts'
import { installOwnApplication, type OwnApplication, pinned } from './support/own-application.ts'
import { ROOT, run } from './support/run.ts'
import { bearer } from './support/send.ts'
import { startTestIssuer, type TestIssuer } from './support/test-issuer.ts'
import { until } from './support/until.ts'

/** The NodeSDK example of the README, as a user would copy it. */
function readExample(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [, code] = /<!-- example: node-sdk -->\s*```ts\n(.*?)```/s.exec(readme) ?? []
  if (code === undefined) throw new Error('README.md has no example "node-sdk"')
  return code
}

let issuer: TestIssuer
let application: OwnApplication
beforeAll(async () => {
  issuer = await startTestIssuer()
  const packages = ['@opentelemetry/api', '@opentelemetry/sdk-node', 'jose', 'typescript']
  application = await installOwnApplication(...packages.map(pinned), pinned('@types/node'))
})
afterAll(async () => {
  await issuer.close()
  application.remove()
})

/** A token that somebody else signed, who claims to be the issuer. */
async function forge(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return new SignJWT({ sub: 'canary-victim', client_id: 'canary-client', sid: 'canary-session' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test' })
    .setIssuer(issuer.url)
    .setAudience('https://orders.example.com')
    .setExpirationTime('5 minutes')
    .sign(privateKey)
}

const issueToken = () => issuer.issue({ sub: 'alice', client_id: 'web', sid: 's1' })

describe('the tarballs', () => {
  /** Names of the files in a tarball, without the folder that npm puts them into. */
  async function listFiles(name: string): Promise<readonly string[]> {
    const { stdout } = await run('tar', ['-tzf', join(application.tarballs, name)])
    return stdout
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''))
  }

  it('are one for each package', () => {
    const packages = readdirSync(join(ROOT, 'packages'))
    expect(readdirSync(application.tarballs)).toHaveLength(packages.length)
  })

  it('hold sources, what was built of them, and little else', async () => {
    const expected =
      /^(?:package\.json|README\.md|LICENSE|(?:src|dist)\/.+|bin\/tokentrail\.js|model\/[a-z]+\.yaml|page\/dist\/.+)$/
    for (const name of readdirSync(application.tarballs)) {
      const files = await listFiles(name)
      expect(files.filter((file) => !expected.test(file))).toEqual([])
      expect(
        files.filter((file) => /\.test\.|\.cache|tsbuildinfo|node_modules/.test(file)),
      ).toEqual([])
      expect(files).toContain('LICENSE')
      expect(files).toContain('README.md')
      const sources = files.filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
      const built = files.filter((file) => /^dist\/.*\.(?:js|d\.ts)(?:\.map)?$/.test(file))
      expect(built).toHaveLength(sources.length * 4)
    }
  })

  it('hold the viewer’s page', async () => {
    const viewer = readdirSync(application.tarballs).find((name) => name.includes('viewer')) ?? ''
    expect(await listFiles(viewer)).toContain('page/dist/index.html')
  })

  it('have source maps that point at sources beside them', () => {
    const installed = join(application.folder, 'node_modules', '@tokentrail')
    const maps = filesHolding(installed, '"mappings"').filter(
      (file) => file.endsWith('.map') && !file.includes('page'),
    )
    const sources = maps.map((file) => {
      const map = JSON.parse(readFileSync(file, 'utf8')) as { readonly sources: readonly string[] }
      return map.sources.map((source) => join(dirname(file), source))
    })
    expect(maps.length).toBeGreaterThan(100)
    for (const source of sources.flat()) expect(readFileSync(source, 'utf8')).not.toBe('')
  })

  it('hold nothing of the folder that they were made in', () => {
    expect(filesHolding(join(application.folder, 'node_modules', '@tokentrail'), ROOT)).toEqual([])
    expect(filesHolding(join(application.folder, 'node_modules', 'tokentrail'), ROOT)).toEqual([])
  })

  it('have types that a strict consumer compiles', async () => {
    const { code, stdout } = await application.run('npx', 'tsc', '-p', '.')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })
})

describe('an application of one’s own', () => {
  it('is recorded by the preload alone, and only who was verified is named', async () => {
    const { program, url, data, records, exported } = await application.start(
      issuer.url,
      '@tokentrail/node/register',
    )
    const statuses: number[] = []
    for (const headers of [bearer(await issueToken()), bearer(await forge()), {}]) {
      statuses.push((await fetch(url, { headers })).status)
    }
    expect(statuses).toEqual([200, 401, 401])
    expect((await program.end('SIGTERM')).signal).toBe('SIGTERM')

    const requests = records.filter(({ type }) => type.startsWith('oauth.request'))
    expect(requests.map(({ type, attributes }) => [type, attributes?.['oauth.client.id']])).toEqual(
      [
        ['oauth.request', 'web'],
        ['oauth.request.rejected', undefined],
        ['oauth.request.rejected', undefined],
      ],
    )
    expect(requests.map(({ attributes }) => 'user.hash' in (attributes ?? {}))).toEqual([
      true,
      false,
      false,
    ])
    expect(requests.map(({ attributes }) => attributes?.['oauth.rejection.reason'])).toEqual([
      undefined,
      'bad_signature',
      'missing',
    ])
    const subjects = records
      .filter(({ attributes }) => attributes?.['tokentrail.identity.kind'] === 'sub')
      .map(({ attributes }) => attributes?.['tokentrail.identity.value'])
    expect(subjects).toEqual(['alice'])
    expect(filesHolding(data, 'canary-')).toEqual([])

    const root = join(data, 'keys', 'root.jwk.json')
    const verified = await application.run('npx', 'tokentrail', 'verify', exported, '--root', root)
    expect(verified.stdout).toContain('VALID_SEALED')
    expect(verified.code).toBe(0)
    const found = await application.run('npx', 'tokentrail', 'search', exported, '--user', 'alice')
    expect(found.stdout).toMatch(/oauth\.request +alice +web +GET/)
    expect(found.code).toBe(0)
  })

  it('is recorded within a NodeSDK as the README says, and its spans carry the session', async () => {
    writeFileSync(join(application.folder, 'telemetry.js'), readExample())
    const { program, url, records, exported } = await application.start(
      issuer.url,
      '@tokentrail/node/register',
      './telemetry.js',
    )
    expect((await fetch(url, { headers: bearer(await issueToken()) })).status).toBe(200)
    const line = await until('the span of the application', () =>
      readFileSync(exported, 'utf8')
        .split('\n')
        .find((text) => text.startsWith('{"resourceSpans"') && text.includes('"read orders"')),
    )
    await program.end('SIGTERM')
    expect(line).toContain('"oauth.session.id"')
    expect(line).toContain('{"key":"oauth.client.id","value":{"stringValue":"web"}}')
    const request = records.find(({ type }) => type === 'oauth.request')
    expect(request?.attributes).toMatchObject({ 'oauth.client.id': 'web' })
  })

  it('is examined by the doctor, which finds jose hooked', async () => {
    const command = ['doctor', '--seconds', '1', '--', 'node', 'app.js']
    const { code, stdout } = await application.run('npx', 'tokentrail', ...command)
    expect(stdout).toMatch(/^http +live /m)
    expect(stdout).toMatch(/^jose +live +6\./m)
    expect(stdout).toMatch(/^endpoint +http:\/\/localhost:4318\/v1\/logs +default /m)
    expect(code).toBe(0)
  })

  it('has the command, which explains itself', async () => {
    const { code, stdout } = await application.run('npx', 'tokentrail', 'verify', '--help')
    expect(stdout).toMatch(/^Usage: tokentrail verify /)
    expect(code).toBe(0)
  })
})
