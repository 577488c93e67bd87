import { describeApplication } from './support/describe-application.ts'

const verify = { library: 'jsonwebtoken', hook: 'jsonwebtoken.verify' }
// One key, whatever the token names: that another one signed shows in the signature alone.
const oneKey = { ...verify, reasons: { key_not_found: 'bad_signature' } }

describeApplication('jsonwebtoken/synchronous.mjs', oneKey)
describeApplication('jsonwebtoken/complete.cjs', oneKey)
describeApplication('jsonwebtoken/callback.cjs', oneKey)
describeApplication('jsonwebtoken/key-function.mjs', verify)
