import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHmac,
  loadOrCreateKeys,
  openLog,
  resolveExporterOptions,
  type RecordLog,
} from '@tokentrail/exporter'
import {
  createPseudonymizer,
  createRecorder,
  parsePolicy,
  type RequestFacts,
} from '@tokentrail/session'
import { startViewer, type Viewer } from '@tokentrail/viewer'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchChromium } from './support/chromium.ts'

const executable = findChromium()
if (executable === undefined) {
  console.log(
    'skipped: test/e2e/viewer-page.test.ts: no Chromium; install one or set TOKENTRAIL_CHROMIUM',
  )
}

const WAIT_MILLIS = 15_000
/** A client that tries to be markup. */
const HOSTILE_CLIENT = '<img src=x onerror="document.title=1">'

const now = () => String(BigInt(Date.now()) * 1_000_000n)

function facts(user: string, client: string): RequestFacts {
  const token = `token-of-${user}`
  return {
    time: now(),
    method: 'GET',
    route: '/v1/orders/:id',
    statusCode: 200,
    complete: true,
    token,
    scheme: 'bearer',
    verified: {
      token,
      method: 'jwt',
      hook: 'jose.jwtVerify',
      claims: {
        iss: 'https://as.example.com',
        sub: user,
        client_id: client,
        sid: `sid-${user}`,
        scope: 'orders:read',
        exp: Math.floor(Date.now() / 1000) + 300,
      },
    },
  }
}

function refused(): RequestFacts {
  const token = 'forged'
  const rejection = { token, reason: 'bad_signature', hook: 'jose.jwtVerify' } as const
  return {
    time: now(),
    method: 'GET',
    route: '/v1/orders/:id',
    statusCode: 401,
    complete: true,
    token,
    scheme: 'bearer',
    rejection,
    challenges: [{ scheme: 'bearer', error: 'invalid_token' }],
  }
}

function openRecorder(directory: string, viewer: Viewer, log: { current?: RecordLog }) {
  const settings = resolveExporterOptions(
    {
      directory: join(directory, 'service'),
      slot: 'one',
      resource: { 'service.name': 'orders' },
      endpoint: viewer.otlpUrl,
      signingKeyFile: join(directory, 'keys', 'signing.jwk.json'),
      pseudonymKeyFile: join(directory, 'keys', 'pseudonym.jwk.json'),
      batchDelayMillis: 0,
    },
    {},
  )
  const keys = loadOrCreateKeys(settings)
  log.current = openLog({ settings, keys, recorderVersion: '0.1.0' })
  const { secret, id, epoch } = keys.pseudonym
  return createRecorder({
    sink: log.current,
    pseudonyms: createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch }),
    policy: parsePolicy({ routes: [] }),
    clock: { unixNanos: () => BigInt(now()) },
  })
}

describe.skipIf(executable === undefined)('the page of the viewer, in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tokentrail-page-'))
  const log: { current?: RecordLog } = {}
  const faults: string[] = []
  const foreign: string[] = []
  let viewer: Viewer
  let browser: Browser
  let page: Page
  let recorder: ReturnType<typeof openRecorder>

  beforeAll(async () => {
    viewer = await startViewer({
      directory: join(directory, 'viewer'),
      keysDirectory: join(directory, 'keys'),
      port: 0,
    })
    recorder = openRecorder(directory, viewer, log)
    browser = await launchChromium(executable ?? '')
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(WAIT_MILLIS)
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(viewer.url)) foreign.push(request.url())
    })
    await page.goto(viewer.url)
  })

  afterAll(async () => {
    await browser?.close()
    await log.current?.shutdown(0)
    await viewer?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('shows a session while it happens, without being asked again', async () => {
    recorder.recordRequest(facts('alice', 'orders-web'))
    const row = page.locator('table tbody tr', { hasText: 'alice' })
    await row.waitFor()
    expect(await row.innerText()).toContain('orders-web')
    expect(await row.innerText()).toContain('active')
  })

  it('shows what clients are called as text, whatever it is', async () => {
    recorder.recordRequest(facts('mallory', HOSTILE_CLIENT))
    const row = page.locator('table tbody tr', { hasText: 'mallory' })
    await row.waitFor()
    expect(await row.innerText()).toContain(HOSTILE_CLIENT)
    expect(await page.title()).not.toBe('1')
    expect(await page.locator('img[src="x"]').count()).toBe(0)
  })

  it('leads from a session to a record and explains its proof', async () => {
    await page.locator('table tbody tr', { hasText: 'alice' }).locator('a').first().click()
    await page.getByText('What happened').waitFor()
    await page.locator('a', { hasText: '/v1/orders/:id' }).first().click()
    await page.getByText('Proven', { exact: false }).first().waitFor()
    const text = await page.locator('main').innerText()
    expect(text).toContain('oauth.request')
    expect(text.toLowerCase()).toContain('self-issued')
  })

  it('holds nobody responsible for a forged token', async () => {
    recorder.recordRequest(refused())
    await page.goto(`${viewer.url}/#/refusals`)
    const row = page.locator('table tbody tr').first()
    await row.waitFor()
    expect(await row.innerText()).toContain('Nobody')
  })

  it('says what state each log is in, and that it was sealed', async () => {
    await page.goto(`${viewer.url}/#/logs`)
    await page.locator('main', { hasText: 'orders' }).waitFor()
    await log.current?.shutdown(5000)
    await page.locator('main', { hasText: /sealed/i }).waitFor()
    expect(await page.locator('main').innerText()).toContain('orders')
  })

  it('reported no error and asked nobody else for anything', () => {
    expect(faults).toEqual([])
    expect(foreign).toEqual([])
  })
})
