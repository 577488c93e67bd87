export { startViewer } from './viewer.ts'
export { openStore } from './store/store.ts'
export { eraseFromStore, readStoreTexts } from './store/erase.ts'
export { loadExport } from './load-export.ts'
export { FILTER_NAMES } from './search/filters.ts'
export { parseSearchQuery } from './search/query.ts'
export { searchRecords } from './search/search-records.ts'
export { parseSessionQuery } from './search/session-query.ts'
export { searchSessions } from './search/search-sessions.ts'
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
