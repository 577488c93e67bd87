import { describeApplication } from './support/describe-application.ts'

const verify = {
  library: 'okta-jwt-verifier',
  hook: 'okta-jwt-verifier.prototype.verifyAccessToken',
  // njwt looks at `exp` and `nbf` before the signature.
  proven: ['wrong_audience', 'wrong_issuer', 'insufficient_scope'],
} as const

describeApplication('okta-jwt-verifier/verifier.mjs', verify)
describeApplication('okta-jwt-verifier/asserting.cjs', {
  ...verify,
  hooks: { insufficient_scope: verify.hook },
  reasons: { insufficient_scope: 'wrong_claim' },
})
