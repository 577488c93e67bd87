import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectIdentified,
  expectNothingForged,
  expectRefused,
  theRecord,
} from './support/expect-record.ts'
import { environmentFor, type Issuer, PRESENTED, startIssuer } from './support/issuer.ts'
import { present } from './support/present.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

describe.each(['jose-6/esm.mjs'])('%s', (file) => {
  let issuer: Issuer
  let run: RecordedRun
  beforeAll(async () => {
    issuer = await startIssuer()
    const application = await startApplication(file, { env: environmentFor(issuer) })
    try {
      for (const presented of PRESENTED) {
        await present(application.url, issuer, presented, `/${presented}`)
      }
      run = await application.stop()
    } finally {
      await application.close()
    }
  })
  afterAll(() => issuer.close())

  it('records each request once', () => {
    expect(run.requests).toHaveLength(PRESENTED.length)
  })

  it.each(PRESENTED)('records what came of a token: %s', (presented) => {
    const attributes = theRecord(
      run,
      (record) => record.attributes?.['url.path'] === `/${presented}`,
    )
    if (presented === 'good') expectIdentified(run, attributes)
    else expectRefused(attributes, presented)
  })

  it('attributes nothing to what was forged', () => {
    expectNothingForged(
      run,
      PRESENTED.map((presented) => issuer.tokenOf(presented)),
    )
  })
})
