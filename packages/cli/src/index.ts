export { findCollector } from './collector/find-collector.ts'
export { startCollector } from './collector/run-collector.ts'
export { CollectorError } from './collector/collector-error.ts'
export { main } from './main.ts'

export type { CollectorErrorCode } from './collector/collector-error.ts'
export type {
  FindCollectorOptions,
  FoundCollector,
  MissingCollector,
} from './collector/find-collector.ts'
export type { RunCollectorOptions, RunningCollector } from './collector/run-collector.ts'
export type { Io } from './io.ts'
