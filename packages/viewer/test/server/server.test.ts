import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildOtlp, buildText, LOG, pseudonym } from '../texts.ts'
import { send, serve, type Served } from './serve.ts'

let served: Served
beforeEach(async () => {
  served = await serve()
})
afterEach(() => served.close())

const text = buildText({ session: pseudonym('s'), attributes: { 'oauth.client.id': 'web' } })

describe('every answer', () => {
  it.each(['/', '/api/status', '/api/nothing', '/v1/logs', '/x.js'])(
    'carries the security headers: %s',
    async (path) => {
      const { headers } = await served.get(path)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  it.each(['/', '/api/status', '/api/live', '/v1/logs'])(
    'is refused to another host name: %s',
    async (path) => {
      expect((await served.get(path, { host: 'evil.example' })).status).toBe(421)
      expect((await served.get(path, { host: 'evil.example' })).text).not.toContain('records')
    },
  )

  it('is given by a configured host name', async () => {
    expect((await served.get('/api/status', { host: 'viewer.internal:80' })).status).toBe(200)
  })
})

describe('the API', () => {
  it('answers what the store holds', async () => {
    served.store.append([{ text }])
    const uid = `${LOG}.0`
    expect((await served.get('/api/status')).json()).toEqual({
      records: 1,
      logs: 1,
      sessions: 1,
      rejections: 0,
      startedAtMillis: 7,
      version: '1.2.3',
      otlpUrl: 'http://127.0.0.1:1/v1/logs',
      alarms: [],
      alarmCount: 0,
    })
    expect((await served.get('/api/records?client=web')).json()).toMatchObject({
      records: [{ uid }],
      count: 1,
      capped: false,
      next: null,
    })
    expect((await served.get(`/api/records/${encodeURIComponent(uid)}`)).json()).toMatchObject({
      record: { uid },
      text,
      proof: { state: 'pending' },
    })
    expect((await served.get('/api/sessions?active=true')).json()).toMatchObject({
      sessions: [{ id: pseudonym('s'), requests: 1 }],
    })
    expect((await served.get(`/api/sessions/${pseudonym('s')}`)).json()).toMatchObject({
      session: { id: pseudonym('s') },
      tokens: [],
      records: [{ uid }],
    })
    expect((await served.get('/api/logs')).json()).toEqual({ logs: [], omitted: 0 })
  })

  it.each([
    ['/api/records?status=abc', 'status'],
    ['/api/records?colour=red', 'colour'],
    ['/api/records?limit=5000', 'limit'],
    ['/api/records?before=x', 'before'],
    ['/api/sessions?active=maybe', 'active'],
    ['/api/sessions?before=x', 'before'],
    ['/api/sessions?before=9999999999999999999.x', 'before'],
    ['/api/sessions?status=4xx&before=x', 'before'],
    ['/api/records?from=2026-13-01', 'from'],
  ])('answers 400 to %s and names the parameter', async (path, name) => {
    const answer = await served.get(path)
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ error: { code: 'ERR_VIEWER_QUERY_INVALID' } })
    expect(answer.text).toContain(`\\"${name}\\"`)
  })

  it.each([
    '/api/',
    '/api/nothing',
    '/api/records/x',
    '/api/records/%FF',
    `/api/records/${encodeURIComponent(`${LOG}.7`)}`,
    '/api/records/a.99999999999999999999',
    '/api/sessions/nobody',
    '/api/sessions/a/b',
    '/api/constructor',
    '/api/__proto__',
  ])('answers 404 to %s', async (path) => {
    expect((await served.get(path)).status).toBe(404)
  })

  it('answers 405 to a change, and names what is allowed', async () => {
    const answer = await served.post('/api/records', '{}')
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET, HEAD')
    expect((await served.post('/', '{}')).status).toBe(405)
    expect((await served.post('/api/live', '{}')).status).toBe(405)
    expect((await served.get('/v1/logs')).status).toBe(405)
  })

  it('takes any path without a fault of its own', async () => {
    for (const path of ['//evil.example/api/status', '/%', '/api/%', '/../../etc/passwd', '/\0']) {
      const answer = await send(served.port, 'GET', encodeURI(path)).catch(() => undefined)
      expect(answer?.status ?? 400).toBeLessThan(500)
      expect(answer?.text ?? '').not.toContain('root:')
    }
    expect(served.faults).toEqual([])
  })

  it('gives markup back as JSON text and nothing else', async () => {
    const markup = '<script>alert(1)</script>'
    served.store.append([{ text: buildText({ attributes: { 'oauth.client.id': markup } }) }])
    const answer = await served.get('/api/records')
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json()).toMatchObject({ records: [{ client: markup }] })
    const refused = await served.get(`/api/records?${encodeURIComponent(markup)}=1`)
    expect(refused.headers['content-type']).toBe('application/json; charset=utf-8')
  })
})

describe('the page', () => {
  it('says how it is built when it is not', async () => {
    const answer = await served.get('/')
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('npm start')
  })

  it('is sent from its folder, and nothing outside of it is', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokentrail-page-'))
    const page = join(directory, 'dist')
    mkdirSync(join(page, 'assets'), { recursive: true })
    writeFileSync(join(directory, 'secret.json'), 'secret')
    writeFileSync(join(page, 'index.html'), '<p>page</p>')
    writeFileSync(join(page, 'assets', 'a-1.js'), 'let a')
    const own = await serve(page)
    try {
      expect((await own.get('/')).text).toBe('<p>page</p>')
      const asset = await own.get('/assets/a-1.js')
      expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8')
      expect(asset.headers['cache-control']).toContain('immutable')
      for (const path of [
        '/../secret.json',
        '/..%2fsecret.json',
        '/assets/',
        '/assets',
        '/none.js',
      ]) {
        expect((await own.get(path)).status).toBe(404)
      }
    } finally {
      await own.close()
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the live stream', () => {
  function open(port: number): Promise<{ status: number; next(): Promise<string>; end(): void }> {
    return new Promise((resolve, reject) => {
      const outgoing = httpGet({ host: '127.0.0.1', port, path: '/api/live' }, (response) => {
        response.setEncoding('utf8')
        const events = response.iterator({ destroyOnReturn: false })
        resolve({
          status: response.statusCode ?? 0,
          next: async () => String((await events.next()).value),
          end: () => outgoing.destroy(),
        })
      })
      outgoing.on('error', reject)
    })
  }

  it('tells what changed', async () => {
    const stream = await open(served.port)
    expect(await stream.next()).toContain('retry:')
    served.store.append([{ text }])
    const event = await stream.next()
    expect(event).toMatch(/^event: change\ndata: /)
    expect(JSON.parse(event.split('data: ').at(-1) ?? '')).toMatchObject({
      records: [{ uid: `${LOG}.0` }],
      sessions: [pseudonym('s')],
      logs: [LOG],
    })
    stream.end()
  })

  it('cuts off a reader that does not read', async () => {
    const bounded = await serve('/nonexistent', { maxUnreadBytes: 65_536 })
    const socket = connect(bounded.port, '127.0.0.1')
    let isEnded = false
    socket.on('error', () => undefined)
    socket.on('close', () => {
      isEnded = true
    })
    try {
      socket.write('GET /api/live HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await new Promise((resolve) => socket.once('readable', resolve))
      socket.pause()
      const client = 'x'.repeat(500)
      for (let at = 0; at < 3000 && (await bounded.get('/api/status')).status === 200; at += 1) {
        const texts = Array.from({ length: 50 }, (_, offset) => ({
          text: buildText({ index: at * 50 + offset, attributes: { 'oauth.client.id': client } }),
        }))
        bounded.store.append(texts)
        if (bounded.liveClients() === 0) break
      }
      expect(bounded.liveClients()).toBe(0)
      socket.resume()
      await expect.poll(() => isEnded).toBe(true)
    } finally {
      socket.destroy()
      await bounded.close()
    }
  })

  it('is bounded in its readers', async () => {
    const bounded = await serve('/nonexistent', { maxClients: 1 })
    try {
      const first = await open(bounded.port)
      expect([first.status, (await bounded.get('/api/live')).status]).toEqual([200, 503])
      first.end()
    } finally {
      await bounded.close()
    }
  })
})

describe('POST /v1/logs', () => {
  it('stores what is readable', async () => {
    const answer = await served.post('/v1/logs', JSON.stringify(buildOtlp([text])))
    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(served.store.records).toBe(1)
  })
})
