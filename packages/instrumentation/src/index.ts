export { OAuthInstrumentation } from './instrumentation.ts'
export { OAuthSpanProcessor } from './span-processor.ts'
export { OAuthLogRecordProcessor } from './log-record-processor.ts'
export { registerLoaderHooks } from './loader-hooks.ts'
export { LIBRARIES } from './libraries/table.ts'
export { createSystemClock } from './system-clock.ts'
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
} from './libraries/library.ts'
export type { EmittedLogRecord } from './log-record-processor.ts'
export type { StartedSpan } from './span-processor.ts'
