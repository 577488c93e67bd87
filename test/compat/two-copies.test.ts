import { describeApplication } from './support/describe-application.ts'

const expected = {
  library: 'jose',
  hook: 'jose.jwtVerify',
  versions: ['4.15.9', '6.2.18'],
}

describeApplication('two-copies.mjs', { ...expected, path: '/v0/orders/7' })
describeApplication('two-copies.mjs', { ...expected, path: '/v1/orders/7' })
