import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  createHmac,
  ExporterError,
  loadOrCreateKeys,
  nodeDisk,
  openLog,
  useMemoryFolder,
  useWritableFolder,
  type Disk,
  type Environment,
  type RecorderKeys,
  type RecordLog,
  type UsableSettings,
} from '@tokentrail/exporter'
import {
  createSystemClock,
  OAuthInstrumentation,
  OAuthLogRecordProcessor,
  OAuthSpanProcessor,
  type FaultHandler,
  type HookState,
  type TokenVerifier,
} from '@tokentrail/instrumentation'
import {
  createPseudonymizer,
  createRecorder,
  parsePolicy,
  policyVersion,
  type Clock,
  type Policy,
  type Pseudonymizer,
  type Recorder,
} from '@tokentrail/session'
import { type ConfigFile, readConfigFile } from './config-file.ts'
import { sealOnExit, type ExitingProcess } from './exit-handling.ts'
import { GapRecorder } from './gap-recorder.ts'
import type { IssuerSetting } from './issuer-settings.ts'
import { createVerifier, joinIssuers } from './issuer-verification.ts'
import { checkNodeVersion } from './node-version.ts'
import { currentRecording, setCurrentRecording, type Recording } from './recording.ts'
import { resolveSettings, type RecordingOptions, type RecordingSettings } from './settings.ts'
import { VERSION } from './version.ts'
import { Wiring } from './wiring.ts'

/** What recording takes from its surroundings; a test brings its own. */
export interface RecordingSurroundings {
  /** Default is `process.env`. */
  readonly env?: Environment
  /** Told what an operator should read, one line each. Default is standard error. */
  readonly report?: (line: string) => void
  /** Default is the system's clock. */
  readonly clock?: Clock
  /** Default is the disk of this machine. */
  readonly disk?: Disk
  /** Parents of the folder that takes the place of an unwritable one. */
  readonly fallbackFolders?: readonly string[]
  /** Whose exit seals the log. Default is `process`. */
  readonly exiting?: ExitingProcess
}

/**
 * Starts to record this process: capture, journal, checkpoints and delivery. Synchronous: when it
 * returns, record 0 is in the journal and the next request is recorded.
 *
 * Idempotent: while a recording runs, it is returned and the options are ignored. The preload
 * `@tokentrail/node/register` calls this; with a NodeSDK of your own call it before the SDK
 * starts.
 *
 * @example
 *   Record an application that has its own OpenTelemetry set-up
 *
 *   ```ts
 *   const recording = startRecording()
 *   new NodeSDK({ instrumentations: [recording.instrumentation] }).start()
 *   ```
 *
 * @throws {TypeError} When an option or environment variable is wrong, naming it.
 * @throws {RecordingError} When the configuration file cannot be used, or Node.js is older than
 *   22.15.
 * @throws {ExporterError} When keys or journal cannot be used.
 */
export function startRecording(
  options: RecordingOptions = {},
  surroundings: RecordingSurroundings = {},
): Recording {
  const running = currentRecording()
  if (running !== undefined) return running
  checkNodeVersion(process.versions.node)
  const settings = resolveSettings(options, surroundings.env ?? process.env)
  const config = settings.configFile === undefined ? NO_FILE : readConfigFile(settings.configFile)
  const report = surroundings.report ?? reportToStandardError
  for (const warning of settings.warnings) report(warning)
  const recording = beginWhereItCan(settings, surroundings.fallbackFolders, (usable) => {
    const own = { ...settings, exporter: usable.settings }
    const keys = loadOrCreateKeys(own.exporter)
    for (const warning of describeKeys(keys, own)) report(warning)
    if (usable.warning !== undefined) report(usable.warning)
    return wire({
      settings: own,
      policy: config.policy,
      issuers: joinIssuers(own.issuers, config.issuers),
      keys,
      pseudonyms: createKeyedPseudonyms(keys),
      report,
      clock: surroundings.clock ?? createSystemClock(),
      disk: surroundings.disk ?? nodeDisk,
      exiting: surroundings.exiting,
    })
  })
  setCurrentRecording(recording)
  return recording
}

/** In the folder that was asked for, else in memory: a full disk shows only when it is written. */
function beginWhereItCan(
  { exporter }: RecordingSettings,
  fallbacks: readonly string[] | undefined,
  begin: (usable: UsableSettings) => Recording,
): Recording {
  const usable = useWritableFolder(exporter, fallbacks)
  try {
    return begin(usable)
  } catch (error) {
    const isRefused =
      error instanceof ExporterError && error.code === 'ERR_EXPORTER_DIRECTORY_UNUSABLE'
    if (!isRefused || usable.warning !== undefined) throw error
    return begin(useMemoryFolder(exporter, codeOf(error), fallbacks))
  }
}

/** The system's code at the bottom of it. */
function codeOf(error: Error): string {
  if (error.cause instanceof Error) return codeOf(error.cause)
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : error.name
}

const NO_FILE: ConfigFile = Object.freeze({ policy: parsePolicy({}), issuers: [] })

interface Parts {
  readonly settings: RecordingSettings
  readonly policy: Policy
  readonly issuers: readonly IssuerSetting[]
  readonly keys: RecorderKeys
  readonly pseudonyms: Pseudonymizer
  readonly report: (line: string) => void
  readonly clock: Clock
  readonly disk: Disk
  readonly exiting: ExitingProcess | undefined
}

/** Capture comes up first, because record 0 names the hooks; nothing can be served meanwhile. */
function wire(parts: Parts): Recording {
  const { settings, clock, report } = parts
  const wiring = new Wiring()
  const verifier = createVerifier({ ...parts, onFault: wiring.onFault })
  const instrumentation = new OAuthInstrumentation({
    recorder: wiring,
    clock,
    ...(verifier === undefined ? {} : { verifier }),
    trustedHops: settings.trustedHops,
    stampServerSpan: settings.stampServerSpan,
    stampSpans: settings.stampSpans,
    stampLogs: settings.stampLogs,
    stampSessionId: settings.stampSessionId,
    libraries: settings.libraries,
    failClosed: settings.exporter.failurePolicy === 'fail-closed',
    onFault: wiring.onFault,
    onHookInactive: (state) => {
      report(state.reason ?? `${state.name} is not hooked.`)
      wiring.gaps?.addInactiveHook(state.name)
    },
  })
  try {
    const log = openRecordLog(parts, instrumentation.hookStates())
    wiring.connect(createLogRecorder(parts, log, wiring.onFault), new GapRecorder(log, clock))
    return createRecording(parts, { instrumentation, wiring, verifier, log })
  } catch (error) {
    verifier?.close()
    instrumentation.disable()
    throw error
  }
}

function openRecordLog(parts: Parts, hooks: readonly HookState[]): RecordLog {
  const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
  return openLog({
    settings: parts.settings.exporter,
    keys: parts.keys,
    recorderVersion: VERSION,
    policyVersion: policyVersion(parts.policy, hash),
    hooks: hooks.map(({ name, state }) => ({ name, state })),
    onHealth: ({ message }) => parts.report(message),
    clock: parts.clock,
    disk: parts.disk,
  })
}

function createKeyedPseudonyms({ pseudonym }: RecorderKeys): Pseudonymizer {
  const { epoch, id, secret } = pseudonym
  return createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch })
}

function createLogRecorder(parts: Parts, sink: RecordLog, onFault: FaultHandler): Recorder {
  const { settings } = parts
  return createRecorder({
    sink,
    pseudonyms: parts.pseudonyms,
    policy: parts.policy,
    clock: parts.clock,
    subject: settings.subject,
    address: settings.address,
    claims: { issuers: parts.issuers, roles: settings.roles },
    rejections: { perSecond: settings.rejectionsPerSecond },
    checksum: crc32,
    onFault: (error) => onFault('recorder', error),
  })
}

interface RunningParts {
  readonly instrumentation: OAuthInstrumentation
  readonly wiring: Wiring
  readonly verifier: TokenVerifier | undefined
  readonly log: RecordLog
}

function createRecording(
  { settings, exiting }: Parts,
  { instrumentation, log, verifier, wiring }: RunningParts,
): Recording {
  const stopSealing = sealOnExit(log, () => wiring.settle(), exiting)
  let ending: Promise<boolean> | undefined
  return {
    instrumentation,
    spanProcessor: new OAuthSpanProcessor(),
    logRecordProcessor: new OAuthLogRecordProcessor(),
    settings,
    log,
    describe: () => ({
      version: VERSION,
      node: process.version,
      pid: process.pid,
      hooks: instrumentation.hookStates(),
      issuers: verifier?.states() ?? [],
      settings: settings.table,
      warnings: settings.warnings,
      log: log.state(),
      faults: wiring.gaps?.faults ?? 0,
    }),
    shutdown(timeoutMillis) {
      if (ending !== undefined) return ending
      instrumentation.disable()
      stopSealing()
      verifier?.close()
      wiring.settle()
      setCurrentRecording(undefined)
      ending = log.shutdown(timeoutMillis)
      return ending
    },
  }
}

function describeKeys(keys: RecorderKeys, settings: RecordingSettings): readonly string[] {
  if (keys.created.length === 0) return keys.warnings
  const first =
    `Made ${keys.created.join(' and ')}. Logs are self-issued: a verifier trusts them by ` +
    `${settings.exporter.rootKeyFile} alone. Keep these files, and give a fleet one set.`
  return [first, ...keys.warnings]
}

function reportToStandardError(line: string): void {
  process.stderr.write(`tokentrail: ${line}\n`)
}
