import { describe, expect, it } from 'vitest'
import { severityOf } from '../src/index.ts'

describe('the severity of an event', () => {
  it.each([
    ['oauth.request', 9],
    ['oauth.request.rejected', 13],
    ['oauth.request.rejected.aggregate', 13],
    ['oauth.token.observed', 9],
    ['oauth.session.end', 9],
    ['oauth.client.changed', 13],
    ['tokentrail.identity', 9],
    ['tokentrail.log.open', 9],
    ['tokentrail.log.checkpoint', 5],
    ['tokentrail.log.recovered', 13],
    ['tokentrail.log.close', 9],
    ['tokentrail.recorder.gap', 17],
    ['tokentrail.recorder.loss', 17],
    ['tokentrail.delivery.rejected', 13],
    ['tokentrail.policy.changed', 13],
    ['app.own.event', 9],
    ['constructor', 9],
  ])('%s is %i', (type, severity) => {
    expect(severityOf(type)).toBe(severity)
  })

  it('is that of a normal step where a nonce is demanded', () => {
    const attributes = { 'oauth.rejection.reason': 'nonce_required' }
    expect(severityOf('oauth.request.rejected', attributes)).toBe(9)
  })

  it('is that of its rule for an alert, within the four', () => {
    const alert = (severity: number): number =>
      severityOf('tokentrail.alert.raised', { 'tokentrail.alert.severity': severity })
    expect(alert(21)).toBe(21)
    expect(alert(99)).toBe(13)
  })
})
