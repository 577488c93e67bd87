import { diag } from '@opentelemetry/api'
import type { Clock } from '@tokentrail/session'
import { LIBRARIES } from './libraries/table.ts'
import type { LibraryDefinition } from './hooks/library.ts'
import type { Stamping } from './stamps/stamping.ts'
import { createSystemClock } from './system-clock.ts'
import type { TokenVerifier } from './verification/token-verifier.ts'
import type { FaultHandler, HookState, OAuthInstrumentationConfig, OAuthRecorder } from './types.ts'

/** {@link OAuthInstrumentationConfig} with every default filled in. */
export interface ResolvedConfig {
  readonly recorder: OAuthRecorder | undefined
  readonly verifier: TokenVerifier | undefined
  readonly trustedHops: number
  readonly libraries: readonly LibraryDefinition[]
  readonly stamping: Stamping
  readonly failClosed: boolean
  readonly clock: Clock
  readonly onFault: FaultHandler
  readonly onHookInactive: (state: HookState) => void
}

const KNOWN = [
  'enabled',
  'recorder',
  'verifier',
  'trustedHops',
  'libraries',
  'stampServerSpan',
  'stampSpans',
  'stampLogs',
  'stampSessionId',
  'failClosed',
  'clock',
  'onFault',
  'onHookInactive',
]
const MAX_TRUSTED_HOPS = 16

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws {TypeError} For an unknown name or a value of the wrong kind, naming it.
 */
export function resolveConfig(config: OAuthInstrumentationConfig): ResolvedConfig {
  for (const name of Object.keys(config)) {
    if (!KNOWN.includes(name)) throw new TypeError(`"${name}" is not one of ${KNOWN.join(', ')}`)
  }
  const {
    recorder,
    verifier,
    trustedHops = 0,
    stampServerSpan = true,
    stampSpans = true,
    stampLogs = true,
    stampSessionId = false,
    failClosed = false,
    onFault,
    onHookInactive,
    clock,
  } = config
  checkRecorder(recorder)
  if (verifier !== undefined && typeof verifier.begin !== 'function') {
    throw new TypeError('"verifier" must have the method "begin"')
  }
  if (!Number.isInteger(trustedHops) || trustedHops < 0 || trustedHops > MAX_TRUSTED_HOPS) {
    throw new TypeError(`"trustedHops" must be an integer from 0 to ${MAX_TRUSTED_HOPS}`)
  }
  for (const [name, value] of Object.entries({
    stampServerSpan,
    stampSpans,
    stampLogs,
    stampSessionId,
    failClosed,
  })) {
    if (typeof value !== 'boolean') throw new TypeError(`"${name}" must be a boolean`)
  }
  if (onFault !== undefined && typeof onFault !== 'function') {
    throw new TypeError('"onFault" must be a function')
  }
  if (onHookInactive !== undefined && typeof onHookInactive !== 'function') {
    throw new TypeError('"onHookInactive" must be a function')
  }
  if (clock !== undefined && typeof clock.unixNanos !== 'function') {
    throw new TypeError('"clock" must have a method "unixNanos"')
  }
  return {
    recorder,
    verifier,
    trustedHops,
    libraries: selectLibraries(config.libraries ?? {}),
    stamping: {
      serverSpan: stampServerSpan,
      spans: stampSpans,
      logs: stampLogs,
      sessionId: stampSessionId,
    },
    failClosed,
    clock: clock ?? createSystemClock(),
    onFault: onFault ?? reportToDiag,
    onHookInactive: onHookInactive ?? warnToDiag,
  }
}

function checkRecorder(recorder: OAuthRecorder | undefined): void {
  if (recorder === undefined) return
  if (typeof recorder.recordRequest !== 'function' || typeof recorder.stamp !== 'function') {
    throw new TypeError('"recorder" must have the methods "recordRequest" and "stamp"')
  }
}

function selectLibraries(switches: {
  readonly [name: string]: boolean
}): readonly LibraryDefinition[] {
  const names = LIBRARIES.map((library) => library.name)
  for (const [name, value] of Object.entries(switches)) {
    if (!names.includes(name)) {
      throw new TypeError(`"libraries.${name}" is not one of ${names.join(', ')}`)
    }
    if (typeof value !== 'boolean') throw new TypeError(`"libraries.${name}" must be a boolean`)
  }
  return LIBRARIES.filter((library) => switches[library.name] !== false)
}

/** The error is left out: it may quote what it failed on. */
function reportToDiag(where: string): void {
  diag.error(
    `Tokentrail: a fault in ${where} was caught; what it saw may be missing from a record.`,
  )
}

function warnToDiag({ name, reason }: HookState): void {
  diag.warn(`Tokentrail: ${reason ?? `${name} is not hooked.`}`)
}
