import { beforeAll, describe, expect, it } from 'vitest'
import { bearer } from '../e2e/support/send.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './support/expect-record.ts'
import { environmentFor, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

type Fields = Readonly<Record<string, string>>

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

/** A client of one server, as far as these tests need one. */
function createClient(url: string, token: string) {
  let session: Fields = {}

  async function post(body: object, fields: Fields = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: { ...ACCEPT, ...bearer(token), ...session, ...fields },
      body: JSON.stringify({ jsonrpc: '2.0', ...body }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  return {
    /** Opens a session, where the server keeps any. */
    async initialize(): Promise<Response> {
      const clientInfo = { name: 'test', version: '1.0.0' }
      const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
      const response = await post({ id: 1, method: 'initialize', params })
      const id = response.headers.get('mcp-session-id')
      session = id === null ? {} : { 'mcp-session-id': id }
      return response
    },
    notify: (method: string) => post({ method }),
    call: (name: string, signal?: AbortSignal) =>
      post({ id: 2, method: 'tools/call', params: { name } }, {}, signal),
    listen: (signal: AbortSignal) =>
      fetch(url, {
        headers: { accept: 'text/event-stream', ...bearer(token), ...session },
        signal,
      }),
  }
}

/** Reads the first part of a stream, then leaves. */
async function leaveAfterFirstPart(response: Response, abort: AbortController): Promise<string> {
  const reader = response.body?.getReader()
  const part = await reader?.read()
  abort.abort()
  return new TextDecoder().decode(part?.value)
}

describe.each([
  ['version 1, with sessions', 'mcp-1', true],
  ['version 2, without', 'mcp-2', false],
])('streams of an MCP server: %s', (_, folder, hasSessions) => {
  let run: RecordedRun
  let token = ''
  const bodies: string[] = []
  const statuses: number[] = []
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  beforeAll(async () => {
    const issuer = await startIssuer()
    token = await issuer.sign({})
    const application = await startApplication(`${folder}/streams.mjs`, {
      env: environmentFor(issuer),
    })
    const url = `${application.url}/mcp`
    const keep = async (response: Response): Promise<void> => {
      statuses.push(response.status)
      bodies.push(await response.text())
    }
    try {
      const client = createClient(url, token)
      await keep(await client.initialize())
      await keep(await client.notify('notifications/initialized'))
      await keep(await client.call('count'))
      const abort = new AbortController()
      const waiting = await client.call('wait', abort.signal)
      statuses.push(waiting.status)
      bodies.push(await leaveAfterFirstPart(waiting, abort))
      await keep(await createClient(url, 'not-a-token').call('count'))
      if (hasSessions) {
        const leave = new AbortController()
        const listening = await client.listen(leave.signal)
        statuses.push(listening.status)
        leave.abort()
      }
      run = await application.stop()
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('work as without recording', () => {
    expect(statuses).toEqual([200, 202, 200, 200, 401, ...(hasSessions ? [200] : [])])
    expect(bodies[2]).toContain('7 orders of orders-client')
    expect(bodies[3]).toContain('waiting')
  })

  it('leave one record for each HTTP request, whose it is', () => {
    const recorded = run.requests.map(({ attributes }) => attributes?.['http.response.status_code'])
    expect(recorded).toEqual(statuses)
    for (const index of [0, 1, 2, 3, ...(hasSessions ? [5] : [])]) {
      expectIdentified(run, attributesOf(index))
    }
    expectRefused(attributesOf(4), 'malformed')
  })

  it('are recorded while they run, also where the client leaves', () => {
    for (const index of hasSessions ? [3, 5] : [3]) {
      expect(attributesOf(index)).toMatchObject({ 'tokentrail.response.streaming': true })
    }
    expect(run.ended.signal).toBe('SIGTERM')
  })

  it('leave no token in a record', () => expectNothingForged(run, [token]))
})
