export { startViewer } from './viewer.ts'
export { openStore } from './store/store.ts'
export { eraseFromStore, readStoreTexts } from './store/erase.ts'
export { loadExport } from './load-export.ts'
export { FILTER_NAMES } from './search/filters.ts'
export { parseSearchQuery } from './search/query.ts'
export { searchRecords } from './search/search-records.ts'
export { parseSessionQuery } from './search/session-query.ts'
export { searchSessions } from './search/search-sessions.ts'
export { openWitness } from './registry/witness/witness.ts'
export { verifyTimestamp } from './registry/anchors/verify-timestamp.ts'
export { formatExportLine } from './registry/signing-endpoint.ts'
export { openRegistryDatabase } from './registry/registry-database.ts'
export { RegistryLog } from './registry/registry-log.ts'
export { Registry, registrationMessage } from './registry/registry.ts'
export { ViewerError } from './errors.ts'
export type { Viewer } from './viewer.ts'
export type { ReceiverTotals } from './receiver/receiver.ts'
export type { ViewerOptions } from './viewer-options.ts'
export type {
  AppendResult,
  IdentityBinding,
  IncomingText,
  Store,
  StoreChange,
  StoreOptions,
} from './store/store.ts'
export type { EraseStoreOptions, ErasedStore, StoreText } from './store/erase.ts'
export type { LoadResult } from './load-export.ts'
export type { FilterName, FilterValues } from './search/filters.ts'
export type { ParseSearchOptions, RecordCursor, SearchQuery } from './search/query.ts'
export type { SearchOptions } from './search/search-records.ts'
export type { SessionQuery } from './search/session-query.ts'
export type { ToUserPseudonyms } from './search/plan.ts'
export type { RootKey } from './logs/root-key.ts'
export type {
  RegistryConfiguration,
  RegistryListener,
  RunningRegistry,
} from './registry/start-registry.ts'
export type { InstanceIdentity, InstanceRule } from './registry/instance-rules.ts'
export type { RegistryKey } from './registry/registry-log.ts'
export type { Identify } from './registry/signing-endpoint.ts'
export type { Witness, WitnessOptions } from './registry/witness/witness.ts'
export type { ViewerErrorCode } from './errors.ts'
export type {
  LogState,
  RecordProof,
  RecordRow,
  RecordsResponse,
  SessionSummary,
  SessionsResponse,
  TokenFacts,
} from './api-types.ts'
