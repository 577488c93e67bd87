import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ROOT, run } from './support/run.ts'

interface Span {
  readonly traceId: string
  readonly localEndpoint?: { readonly serviceName?: string }
  readonly tags?: Readonly<Record<string, string>>
}

/** Keeps spans and finds their traces by a tag, as Zipkin's API v2 does. */
async function startSpanStore(): Promise<{ readonly url: string; readonly spans: Span[] }> {
  const spans: Span[] = []
  const find = (query: string): Span[][] => {
    const [name = '', value] = query.split('=')
    const isFound = ({ tags }: Span): boolean =>
      tags?.[name] !== undefined && (value === undefined || tags[name] === value)
    const traces = [...new Set(spans.filter(isFound).map(({ traceId }) => traceId))]
    return traces.map((trace) => spans.filter(({ traceId }) => traceId === trace))
  }
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (request.method === 'POST') spans.push(...(JSON.parse(body) as Span[]))
      const found = find(searchParams.get('annotationQuery') ?? '')
      response.writeHead(request.method === 'POST' ? 202 : 200).end(JSON.stringify(found))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}

it('finds the spans of two services by the one session that they belong to', async () => {
  const store = await startSpanStore()
  const { code, stdout } = await run(process.execPath, ['src/main.ts'], {
    cwd: join(ROOT, 'examples', 'tracing'),
    env: { ZIPKIN_URL: store.url },
  })
  expect(stdout).toMatch(/^session [\w-]{22}: 9 spans of orders and stock$/m)
  expect(code).toBe(0)
  const sessions = store.spans.flatMap(({ tags }) => tags?.['oauth.session.id'] ?? [])
  expect(new Set(sessions).size).toBe(1)
})
