import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installOwnApplication, type OwnApplication, pinned } from './support/own-application.ts'
import { bearer } from './support/send.ts'
import { startTestIssuer, type TestIssuer } from './support/test-issuer.ts'
import { until } from './support/until.ts'

/** An application that stays on the 2.x line of the SDK and knows nothing of Tokentrail. */
const TELEMETRY = `
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'

new NodeSDK({
  spanProcessors: [
    new tracing.BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 100 }),
  ],
  logRecordProcessors: [
    new BatchLogRecordProcessor(new OTLPLogExporter(), { scheduledDelayMillis: 100 }),
  ],
}).start()
`

let issuer: TestIssuer
let application: OwnApplication
beforeAll(async () => {
  issuer = await startTestIssuer()
  application = await installOwnApplication(
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/api-logs@0.223.0',
    '@opentelemetry/sdk-node@0.223.0',
    '@opentelemetry/sdk-logs@0.223.0',
    '@opentelemetry/exporter-logs-otlp-http@0.223.0',
    '@opentelemetry/exporter-trace-otlp-http@0.223.0',
    pinned('jose'),
  )
})
afterAll(async () => {
  await issuer.close()
  application.remove()
})

const issueToken = (): Promise<string> =>
  issuer.issue({ sub: 'alice', client_id: 'web', sid: 's1' })

describe('an application on the 2.x line of the SDK', () => {
  it.each(['@opentelemetry/api', '@opentelemetry/instrumentation', 'import-in-the-middle'])(
    'has one copy of %s',
    async (name) => {
      const { stdout } = await application.run('npm', 'ls', name, '--all', '--parseable')
      expect(stdout.trim().split('\n')).toHaveLength(1)
    },
  )

  it('is recorded by the preload alone', async () => {
    const { program, url, records } = await application.start(
      issuer.url,
      '@tokentrail/node/register',
    )
    expect((await fetch(url, { headers: bearer(await issueToken()) })).status).toBe(200)
    expect((await fetch(url)).status).toBe(401)
    await program.end('SIGTERM')
    const requests = records.filter(({ type }) => type.startsWith('oauth.request'))
    expect(requests.map(({ attributes }) => attributes?.['oauth.client.id'])).toEqual([
      'web',
      undefined,
    ])
    expect(program.output()).not.toMatch(/inactive|not hooked|error/i)
  })

  it('has spans that carry the session, without a processor of ours', async () => {
    writeFileSync(join(application.folder, 'telemetry.js'), TELEMETRY)
    const { program, url, exported } = await application.start(
      issuer.url,
      '@tokentrail/node/register',
      './telemetry.js',
    )
    expect((await fetch(url, { headers: bearer(await issueToken()) })).status).toBe(200)
    const span = await until('the span of the application', () =>
      readFileSync(exported, 'utf8')
        .split('\n')
        .find((text) => text.startsWith('{"resourceSpans"') && text.includes('"read orders"')),
    )
    await program.end('SIGTERM')
    expect(span).toContain('"oauth.session.id"')
  })
})
