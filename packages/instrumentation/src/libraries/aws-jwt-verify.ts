import { toAwsFailure } from './aws-jwt-verify-reasons.ts'
import { toJwtFact } from './jwt-fact.ts'
import type { HookedRequest, LibraryDefinition, ObservedCall, ObservedFact } from './library.ts'

/** Verifiers, and the files that define them. */
const VERIFIERS = [
  ['JwtVerifier', 'jwt-verifier.js'],
  ['CognitoJwtVerifier', 'cognito-verifier.js'],
  ['AlbJwtVerifier', 'alb-verifier.js'],
] as const

/** Verifiers of aws-jwt-verify 5, for any issuer, for Cognito and for load balancers. */
export const awsJwtVerify: LibraryDefinition = {
  name: 'aws-jwt-verify',
  module: 'aws-jwt-verify',
  versions: ['>=5.0.0 <6'],
  hooks: VERIFIERS.flatMap(([verifier, file]) =>
    ['verify', 'verifySync'].map((method) => ({
      exportName: `${verifier}.prototype.${method}`,
      files: [`dist/esm/${file}`, `dist/cjs/${file}`],
      observe,
    })),
  ),
}

/** `verify(jwt, properties)`. */
function observe({ args, outcome }: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (payload) => payload,
    failureOf: toAwsFailure,
  })
}
