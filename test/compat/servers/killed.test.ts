import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { environmentFor, type Issuer, startIssuer } from '../support/issuer.ts'
import { startApplication } from '../support/recorded-application.ts'
import { exchangeHttp2 } from './exchange-http2.ts'
import { exchange, type RawRequest } from './raw-exchange.ts'

/** Every file under a folder, as one text. */
function readAll(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
}

describe('a client that has its response has its record, when the application is killed', () => {
  let issuer: Issuer
  beforeAll(async () => {
    issuer = await startIssuer()
  })
  afterAll(() => issuer.close())

  it.each<[string, string, typeof exchange, Omit<RawRequest, 'token'>, string]>([
    ['a response', 'http/server.mjs', exchange, { path: '/v1/chunks' }, '0\r\n\r\n'],
    ['the first event', 'http/server.mjs', exchange, { path: '/v1/events' }, 'data: 1'],
    ['a handshake', 'http/websocket.mjs', exchange, { path: '/v1/chat', headers: UPGRADE }, '101'],
    ['a response over HTTP/2', 'http/http2.mjs', exchangeHttp2, { path: '/v1/file' }, 'announce'],
    [
      'the first event over HTTP/2',
      'http/http2.mjs',
      exchangeHttp2,
      { path: '/v1/events' },
      'data: 1',
    ],
  ])('%s', async (_, file, send, request, leaveAfter) => {
    const folder = mkdtempSync(join(tmpdir(), 'tokentrail-killed-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const env = { ...environmentFor(issuer), TOKENTRAIL_DIR: folder }
    const application = await startApplication(file, { env })
    try {
      const token = issuer.tokenOf('good')
      const received = await send(application.url, { ...request, token, leaveAfter })
      expect(received).toContain(leaveAfter)
    } finally {
      await application.close()
    }
    const recorded = readAll(folder)
    expect(recorded.match(/"eventName":"oauth\.request"/g)).toHaveLength(1)
    expect(recorded).toContain(request.path)
    expect(recorded).not.toContain('tokentrail.log.close')
  })
})
