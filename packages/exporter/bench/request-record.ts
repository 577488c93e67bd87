import type { RecordDraft } from '@tokentrail/session'

/** A typical request record; `index` makes it another one. */
export function requestRecord(index: number): RecordDraft {
  const id = (index + 1).toString(16).padStart(16, '0')
  return {
    type: 'oauth.request',
    time: `1795470000${(index % 1e9).toString().padStart(9, '0')}`,
    session: 'QaInQnUtCl_CHk5vEBVr8A',
    trace: `4bf92f3577b34da6${id}`,
    span: id,
    attributes: {
      'client.address': '_HcFxQc972PY71YKeT0YJA',
      'compliance.framework': ['hipaa', 'soc2'],
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/v1/orders/:id',
      'oauth.client.id': 's6BhdRkqt3',
      'oauth.decision': 'allow',
      'oauth.token.fingerprint': 'LtSEX2B5_TR7pxGC0ehSAw',
      'oauth.token.scopes': ['orders:read', 'orders:write'],
      'user.hash': 'zyDOnUauNBpPoVwqDQ7LzQ',
      'user_agent.name': 'Firefox',
      'user_agent.original': 'dYuhVhlFT-FV_18y_CfZBw',
    },
  }
}
