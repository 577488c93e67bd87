import type { SeverityRule } from '../severity-rule.ts'

/** How the severity of each event of the registry follows from its text. */
export const SEVERITY_RULES: ReadonlyMap<string, SeverityRule> = new Map<string, SeverityRule>([
  ['oauth.request', { severityNumber: 9 }],
  [
    'oauth.request.rejected',
    {
      severityNumber: 13,
      exceptions: Object.freeze([
        Object.freeze({
          attribute: 'oauth.rejection.reason',
          value: 'nonce_required',
          severityNumber: 9,
        }),
      ]),
    },
  ],
  ['oauth.request.rejected.aggregate', { severityNumber: 13 }],
  ['oauth.token.observed', { severityNumber: 9 }],
  ['oauth.token.issued', { severityNumber: 9 }],
  ['oauth.token.refreshed', { severityNumber: 9 }],
  ['oauth.token.introspected', { severityNumber: 9 }],
  ['oauth.token.revoked', { severityNumber: 9 }],
  ['oauth.grant.revoked', { severityNumber: 9 }],
  ['oauth.session.start', { severityNumber: 9 }],
  ['oauth.session.end', { severityNumber: 9 }],
  ['oauth.client.changed', { severityNumber: 13 }],
  ['tokentrail.identity', { severityNumber: 9 }],
  ['tokentrail.log.open', { severityNumber: 9 }],
  ['tokentrail.log.checkpoint', { severityNumber: 5 }],
  ['tokentrail.log.recovered', { severityNumber: 13 }],
  ['tokentrail.log.close', { severityNumber: 9 }],
  ['tokentrail.log.witness', { severityNumber: 9 }],
  ['tokentrail.log.timestamp', { severityNumber: 9 }],
  ['tokentrail.journal.damage', { severityNumber: 17 }],
  ['tokentrail.registry.log', { severityNumber: 9 }],
  ['tokentrail.registry.head', { severityNumber: 9 }],
  ['tokentrail.recorder.gap', { severityNumber: 17 }],
  ['tokentrail.recorder.loss', { severityNumber: 17 }],
  ['tokentrail.recorder.clock_step', { severityNumber: 13 }],
  ['tokentrail.delivery.rejected', { severityNumber: 13 }],
  ['tokentrail.alert.raised', { severityNumber: 13, attribute: 'tokentrail.alert.severity' }],
  ['tokentrail.alert.acknowledged', { severityNumber: 9 }],
  ['tokentrail.alert.resolved', { severityNumber: 9 }],
  ['tokentrail.subject.erased', { severityNumber: 9 }],
  ['tokentrail.evidence.read', { severityNumber: 9 }],
  ['tokentrail.policy.changed', { severityNumber: 13 }],
])
