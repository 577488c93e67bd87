import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { installOwnApplication, type OwnApplication, pinned } from './support/own-application.ts'
import { bearer } from './support/send.ts'
import { startTestIssuer, type TestIssuer } from './support/test-issuer.ts'
import { until } from './support/until.ts'

const OURS = '@tokentrail/node/register'
const THEIRS = '@opentelemetry/auto-instrumentations-node/register'

let issuer: TestIssuer
let application: OwnApplication
beforeAll(async () => {
  issuer = await startTestIssuer()
  application = await installOwnApplication(
    pinned('@opentelemetry/api'),
    '@opentelemetry/auto-instrumentations-node@0.82.0',
    pinned('jose'),
  )
})
afterAll(async () => {
  await issuer.close()
  application.remove()
})

describe.each([
  ['before', [OURS, THEIRS]],
  ['after', [THEIRS, OURS]],
])('preloaded %s the automatic instrumentation of OpenTelemetry', (_, preloads) => {
  it('records the request with who made it, and stamps its server span and the spans within', async () => {
    const { program, url, records, exported } = await application.start(issuer.url, ...preloads)
    const token = await issuer.issue({ sub: 'alice', client_id: 'web', sid: 's1' })
    expect((await fetch(url, { headers: bearer(token) })).status).toBe(200)
    const spans = await until('the server span', () =>
      readFileSync(exported, 'utf8')
        .split('\n')
        .find((text) => text.startsWith('{"resourceSpans"') && text.includes('"kind":2')),
    )
    const request = await until('the record', () =>
      records.find(({ type }) => type === 'oauth.request'),
    )
    // Their preload listens to SIGTERM and does not end the process.
    await program.end('SIGKILL')
    expect(request.attributes).toMatchObject({ 'oauth.client.id': 'web' })
    const { trace, span } = request as unknown as { readonly trace: string; readonly span: string }
    const ids = `"traceId":"${trace}","spanId":"${span}"`
    expect(spans).toContain(ids)
    const serverSpan = spans.slice(
      spans.indexOf(ids),
      spans.indexOf('"status"', spans.indexOf(ids)),
    )
    expect(serverSpan).toContain('"oauth.session.id"')
    const ownSpan = spans.slice(spans.indexOf('"name":"read orders"'))
    expect(ownSpan.slice(0, ownSpan.indexOf('"status"'))).toContain('"oauth.session.id"')
  })
})
