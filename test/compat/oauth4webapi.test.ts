import { describeApplication } from './support/describe-application.ts'

describeApplication('oauth4webapi/jwt.mjs', {
  library: 'oauth4webapi',
  hook: 'oauth4webapi.validateJwtAccessToken',
  hooks: { missing: 'oauth4webapi.validateJwtAccessToken' },
  // It looks at the claims before the signature.
  proven: ['insufficient_scope'],
})
