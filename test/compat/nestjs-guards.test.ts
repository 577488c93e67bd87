import { describeApplication } from './support/describe-application.ts'

const expected = {
  library: 'jsonwebtoken',
  hook: 'jsonwebtoken.verify',
  reasons: { key_not_found: 'bad_signature' },
}

for (const version of [11, 12]) {
  for (const platform of ['express', 'fastify']) {
    // Guard, passport, passport-jwt, jsonwebtoken: the innermost tells why.
    describeApplication(`nestjs-${version}/guarded.mjs`, {
      ...expected,
      hooks: { missing: 'passport-jwt.Strategy.prototype.authenticate' },
      errors: { expired: 'invalid_token', insufficient_scope: 'insufficient_scope' },
      route: '/v1/orders/:id',
      env: { FIXTURE_PLATFORM: platform },
    })
  }
  // Over `@nestjs/jwt`; its 403 names no OAuth error.
  describeApplication(`nestjs-${version}/jwt-service.mjs`, {
    ...expected,
    reasons: { ...expected.reasons, insufficient_scope: 'policy_denied' },
  })
}
