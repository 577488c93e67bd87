import { createHash } from 'node:crypto'
import {
  createHmac,
  loadOrCreateKeys,
  nodeDisk,
  openLog,
  type Disk,
  type Environment,
  type RecorderKeys,
  type RecordLog,
} from '@tokentrail/exporter'
import {
  createSystemClock,
  OAuthInstrumentation,
  OAuthLogRecordProcessor,
  OAuthSpanProcessor,
  type FaultHandler,
  type HookState,
  type OAuthRecorder,
} from '@tokentrail/instrumentation'
import {
  createPseudonymizer,
  createRecorder,
  parsePolicy,
  policyVersion,
  type Clock,
  type EventFacts,
  type Policy,
} from '@tokentrail/session'
import { sealOnExit, type ExitingProcess } from './exit-handling.ts'
import { GapRecorder } from './gap-recorder.ts'
import { checkNodeVersion } from './node-version.ts'
import { readPolicyFile } from './policy-file.ts'
import { currentRecording, setCurrentRecording, type Recording } from './recording.ts'
import { resolveSettings, type RecordingOptions, type RecordingSettings } from './settings.ts'
import { VERSION } from './version.ts'

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
 * @throws {RecordingError} When the policy file cannot be used, or Node.js is older than 22.15.
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
  const policy =
    settings.configFile === undefined ? parsePolicy({}) : readPolicyFile(settings.configFile)
  const keys = loadOrCreateKeys(settings.exporter)
  const report = surroundings.report ?? reportToStandardError
  for (const warning of [...settings.warnings, ...describeKeys(keys, settings)]) report(warning)
  const clock = surroundings.clock ?? createSystemClock()
  const { disk = nodeDisk, exiting } = surroundings
  const recording = wire({ settings, policy, keys, report, clock, disk, exiting })
  setCurrentRecording(recording)
  return recording
}

interface Parts {
  readonly settings: RecordingSettings
  readonly policy: Policy
  readonly keys: RecorderKeys
  readonly report: (line: string) => void
  readonly clock: Clock
  readonly disk: Disk
  readonly exiting: ExitingProcess | undefined
}

/** Capture comes up first, because record 0 names the hooks; nothing can be served meanwhile. */
function wire(parts: Parts): Recording {
  const { settings, clock, report } = parts
  const wiring = new Wiring()
  const instrumentation = new OAuthInstrumentation({
    recorder: wiring,
    clock,
    trustedHops: settings.trustedHops,
    stampSpans: settings.stampSpans,
    libraries: settings.libraries,
    onFault: wiring.onFault,
    onHookInactive: (state) => {
      report(state.reason ?? `${state.name} is not hooked.`)
      wiring.gaps?.addInactiveHook(state.name)
    },
  })
  try {
    const log = openRecordLog(parts, instrumentation.hookStates())
    wiring.connect(createLogRecorder(parts, log, wiring.onFault), new GapRecorder(log, clock))
    return createRecording(parts, instrumentation, wiring, log)
  } catch (error) {
    instrumentation.disable()
    throw error
  }
}

/** Stands for the recorder until there is a log for it to write to. */
class Wiring implements OAuthRecorder {
  #recorder: OAuthRecorder | undefined
  gaps: GapRecorder | undefined
  readonly onFault: FaultHandler = () => this.gaps?.addFault()

  connect(recorder: OAuthRecorder, gaps: GapRecorder): void {
    this.#recorder = recorder
    this.gaps = gaps
  }

  recordRequest(facts: Parameters<OAuthRecorder['recordRequest']>[0]): void {
    this.#recorder?.recordRequest(facts)
  }

  recordEvent(facts: EventFacts): void {
    this.#recorder?.recordEvent?.(facts)
  }

  stamp(facts: Parameters<OAuthRecorder['stamp']>[0]): ReturnType<OAuthRecorder['stamp']> {
    return this.#recorder?.stamp(facts)
  }

  settled(): ReturnType<RecordLog['settled']> {
    return this.#recorder?.settled?.()
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

function createLogRecorder(parts: Parts, sink: RecordLog, onFault: FaultHandler): OAuthRecorder {
  const { id, epoch, secret } = parts.keys.pseudonym
  return createRecorder({
    sink,
    pseudonyms: createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch }),
    policy: parts.policy,
    clock: parts.clock,
    subject: parts.settings.subject,
    address: parts.settings.address,
    onFault: (error) => onFault('recorder', error),
  })
}

function createRecording(
  { settings, exiting }: Parts,
  instrumentation: OAuthInstrumentation,
  wiring: Wiring,
  log: RecordLog,
): Recording {
  const stopSealing = sealOnExit(log, () => wiring.gaps?.settle(), exiting)
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
      settings: settings.table,
      warnings: settings.warnings,
      log: log.state(),
      faults: wiring.gaps?.faults ?? 0,
    }),
    shutdown(timeoutMillis) {
      if (ending !== undefined) return ending
      instrumentation.disable()
      stopSealing()
      wiring.gaps?.settle()
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
