import type { RecordDraft } from '../src/index.ts'

/** Log of the examples in the design of the record layout. */
export const EXAMPLE_LOG = 'orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'

/** A request, index 17: 733 bytes. */
export const EXAMPLE_REQUEST: RecordDraft = {
  type: 'oauth.request',
  time: '1795470000123456789',
  session: 'QaInQnUtCl_CHk5vEBVr8A',
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  span: '00f067aa0ba902b7',
  attributes: {
    'client.address': '_HcFxQc972PY71YKeT0YJA',
    'compliance.framework': ['hipaa', 'soc2'],
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/v1/orders/:id',
    'oauth.client.id': 's6BhdRkqt3',
    'oauth.decision': 'allow',
    'oauth.session.first_seen': true,
    'oauth.token.fingerprint': 'LtSEX2B5_TR7pxGC0ehSAw',
    'oauth.token.scopes': ['orders:read', 'orders:write'],
    'user.hash': 'zyDOnUauNBpPoVwqDQ7LzQ',
    'user_agent.name': 'Firefox',
    'user_agent.original': 'dYuhVhlFT-FV_18y_CfZBw',
  },
}

export const EXAMPLE_REQUEST_TEXT =
  '{"attributes":{"client.address":"_HcFxQc972PY71YKeT0YJA","compliance.framework":["hipaa","soc2"],"http.request.method":"GET","http.response.status_code":200,"http.route":"/v1/orders/:id","oauth.client.id":"s6BhdRkqt3","oauth.decision":"allow","oauth.session.first_seen":true,"oauth.token.fingerprint":"LtSEX2B5_TR7pxGC0ehSAw","oauth.token.scopes":["orders:read","orders:write"],"user.hash":"zyDOnUauNBpPoVwqDQ7LzQ","user_agent.name":"Firefox","user_agent.original":"dYuhVhlFT-FV_18y_CfZBw"},"index":17,"log":"orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94","session":"QaInQnUtCl_CHk5vEBVr8A","span":"00f067aa0ba902b7","time":"1795470000123456789","trace":"4bf92f3577b34da6a3ce929d0e0e4736","type":"oauth.request","v":1}'

export const EXAMPLE_REQUEST_LEAF =
  'be219d6558b3074843256d4f1b7fb0f01c7effcc625e2bf0e27cd8cd4ec266f4'

/** Its token, index 16: 1175 bytes. */
export const EXAMPLE_TOKEN: RecordDraft = {
  type: 'oauth.token.observed',
  time: '1795470000121003412',
  session: 'QaInQnUtCl_CHk5vEBVr8A',
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  span: '00f067aa0ba902b7',
  attributes: {
    'user.hash': 'zyDOnUauNBpPoVwqDQ7LzQ',
    'oauth.client.id': 's6BhdRkqt3',
    'oauth.token.fingerprint': 'LtSEX2B5_TR7pxGC0ehSAw',
    'oauth.token.scopes': ['orders:read', 'orders:write'],
    'compliance.framework': ['hipaa', 'soc2'],
    'oauth.authentication.methods': ['pwd', 'otp'],
    'oauth.authentication.time': '2026-11-23T20:58:11Z',
    'oauth.issuer': 'https://as.example.com',
    'oauth.oidc.session.id': 'bAm6U-1IfoR8zYXYdIUdmA',
    'oauth.session.derivation': 'sid',
    'oauth.token.algorithm': 'ES256',
    'oauth.token.audiences': ['https://api.example.com'],
    'oauth.token.expires_at': '2026-11-23T22:38:00Z',
    'oauth.token.format': 'jwt',
    'oauth.token.id': 'dbe39bf3a3ba4238a513f51d6e1691c4',
    'oauth.token.issued_at': '2026-11-23T21:38:00Z',
    'oauth.token.key.id': '2026-10-a',
    'oauth.token.subject': 'zyDOnUauNBpPoVwqDQ7LzQ',
    'oauth.token.subject_type': 'user',
    'oauth.token.type': 'access_token',
    'oauth.validation.method': 'jwt',
    'tokentrail.capture.hook': 'jose.jwtVerify',
  },
}

export const EXAMPLE_TOKEN_TEXT =
  '{"attributes":{"compliance.framework":["hipaa","soc2"],"oauth.authentication.methods":["pwd","otp"],"oauth.authentication.time":"2026-11-23T20:58:11Z","oauth.client.id":"s6BhdRkqt3","oauth.issuer":"https://as.example.com","oauth.oidc.session.id":"bAm6U-1IfoR8zYXYdIUdmA","oauth.session.derivation":"sid","oauth.token.algorithm":"ES256","oauth.token.audiences":["https://api.example.com"],"oauth.token.expires_at":"2026-11-23T22:38:00Z","oauth.token.fingerprint":"LtSEX2B5_TR7pxGC0ehSAw","oauth.token.format":"jwt","oauth.token.id":"dbe39bf3a3ba4238a513f51d6e1691c4","oauth.token.issued_at":"2026-11-23T21:38:00Z","oauth.token.key.id":"2026-10-a","oauth.token.scopes":["orders:read","orders:write"],"oauth.token.subject":"zyDOnUauNBpPoVwqDQ7LzQ","oauth.token.subject_type":"user","oauth.token.type":"access_token","oauth.validation.method":"jwt","tokentrail.capture.hook":"jose.jwtVerify","user.hash":"zyDOnUauNBpPoVwqDQ7LzQ"},"index":16,"log":"orders-api/orders-api-7/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94","session":"QaInQnUtCl_CHk5vEBVr8A","span":"00f067aa0ba902b7","time":"1795470000121003412","trace":"4bf92f3577b34da6a3ce929d0e0e4736","type":"oauth.token.observed","v":1}'
