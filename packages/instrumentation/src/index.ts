export { OAuthInstrumentation } from './instrumentation.ts'
export { OAuthSpanProcessor } from './stamps/span-processor.ts'
export { OAuthLogRecordProcessor } from './stamps/log-record-processor.ts'
export { registerLoaderHooks } from './loader-hooks.ts'
export { LIBRARIES } from './libraries/table.ts'
export { createTokenVerifier } from './verification/token-verifier.ts'
export { createSystemClock } from './system-clock.ts'
export type {
  KnownToken,
  TokenVerifier,
  TokenVerifierOptions,
} from './verification/token-verifier.ts'
export type { IntrospectionOptions, IssuerOptions } from './verification/issuer.ts'
export type { IssuerState } from './verification/issuer-verification.ts'
export type { Verdict } from './verification/verdict.ts'
export type { EndedSession, SessionIdentity } from './sessions/session-identity.ts'
export type { LoaderHooks } from './loader-hooks.ts'
export type {
  FaultHandler,
  HookState,
  OAuthInstrumentationConfig,
  OAuthRecorder,
  StampFacts,
} from './types.ts'
export type {
  HookedRequest,
  LibraryDefinition,
  LibraryHook,
  ObservedCall,
  ObservedFact,
} from './hooks/library.ts'
export type { EmittedLogRecord } from './stamps/log-record-processor.ts'
export type { StartedSpan } from './stamps/span-processor.ts'
