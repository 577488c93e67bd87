import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startViewer, type Viewer } from '@tokentrail/viewer'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeInstance, makeKeys, ORDERS } from '../../packages/viewer/test/registry/support.ts'
import { findChromium, launchChromium } from './support/chromium.ts'

const executable = findChromium()
if (executable === undefined) {
  console.log(
    'skipped: test/e2e/viewer-alarm.test.ts: no Chromium; install one or set TOKENTRAIL_CHROMIUM',
  )
}

const WAIT_MILLIS = 20_000

describe.skipIf(executable === undefined)('an alarm of the registry, in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tokentrail-alarm-'))
  const keys = makeKeys(directory, Date.now())
  const instance = makeInstance('orders', 'orders-1', Date.now())
  const told: string[] = []
  let viewer: Viewer
  let browser: Browser
  let page: Page

  const start = (): Promise<Viewer> =>
    startViewer({
      directory: join(directory, 'viewer'),
      keysDirectory: join(directory, 'keys'),
      port: 0,
      roots: [keys.root.publicJwk],
      onFault: (message) => told.push(message),
      registry: {
        path: join(directory, 'registry.sqlite'),
        key: keys.key,
        issuer: keys.issuer,
        rules: [{ subject: ORDERS.subject, services: ['orders'], slots: ['orders-*'] }],
        identify: () => Promise.resolve(ORDERS),
        listener: { port: 0 },
      },
    })

  const post = async (path: string, body: object): Promise<number> => {
    const url = `${viewer.registry?.url}/registry/v1/${path}`
    return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status
  }

  const open = async (): Promise<void> => {
    await page?.close()
    page = await browser.newPage()
    page.setDefaultTimeout(WAIT_MILLIS)
    await page.goto(viewer.url)
  }

  beforeAll(async () => {
    viewer = await start()
    browser = await launchChromium(executable ?? '')
    await open()
  })

  afterAll(async () => {
    await browser?.close()
    await viewer?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('appears in a live region of the open page, and is in the state that the API gives', async () => {
    const region = page.getByRole('alert')
    await region.first().waitFor({ state: 'attached' })
    expect(await region.first().innerText()).toBe('')
    expect(await post('logs', instance.request)).toBe(201)
    expect(await post('heads', { note: instance.head(10), proof: [] })).toBe(200)
    expect(await post('heads', { note: instance.head(10, 'b'), proof: [] })).toBe(409)
    await page.getByRole('alert').getByText('FORK').waitFor()
    expect(await region.first().innerText()).toContain(instance.origin)
    expect(await page.locator('.proof-state').innerText()).toContain('1 fork: see the alarm')
    const status: unknown = await (await fetch(`${viewer.url}/api/status`)).json()
    expect(status).toMatchObject({ alarmCount: 1, alarms: [{ subject: instance.origin }] })
    expect(told.filter((line) => line.startsWith('FORK: '))).toHaveLength(1)
  })

  it('stands on every view, and is still there after a restart', async () => {
    await viewer.close()
    viewer = await start()
    await open()
    for (const view of ['sessions', 'refusals', 'records', 'logs']) {
      await page.goto(`${viewer.url}/#/${view}`)
      await page.getByRole('alert').getByText('contradicts the registry').waitFor()
    }
    expect(told.filter((line) => line.startsWith('FORK: '))).toHaveLength(1)
  })
})
