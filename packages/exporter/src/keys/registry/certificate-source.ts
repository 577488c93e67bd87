import { Worker } from 'node:worker_threads'
import { formatBase64Url } from '@tokentrail/ledger'
import { systemErrorCode } from '../../errors.ts'
import type { Lock } from '../../journal/lock.ts'
import { type InstanceKey, createInstanceKey } from '../../log/instance-key.ts'
import type { RegistrationTask } from './registration.ts'
import { ANSWERED, FAILED, SharedAnswer } from './shared-answer.ts'

/** A log that a registry has certified before it is opened. */
export interface CertifiedLog {
  readonly uuid: string
  readonly key: InstanceKey
  readonly certificate: string
  /** Held since before the registry was asked. */
  readonly lock: Lock
}

/** A log that a registry may know, with its lock. */
export interface AskedLog {
  readonly uuid: string
  readonly origin: string
  readonly lock: Lock
}

/** Where logs get their certificates. */
export interface CertificateSource {
  /**
   * The certified log to open next; `undefined` when none is ready, and the log certifies itself.
   * The first call waits for the registry, but not long.
   */
  take(): CertifiedLog | undefined
  /** Takes back what {@link take} gave, when the log could not be opened. */
  giveBack(certified: CertifiedLog): void
  /** Whether a certified log is ready to follow the one that is open. */
  isReady(): boolean
  /** Asks for the next certificate, in the background, unless it was asked for. */
  prepare(): void
  /** Stops asking. Returns the log that was asked for and not taken, whose lock the caller gives up. */
  abandon(): AskedLog | undefined
  /** Stops asking, and gives up the lock of what was not taken. */
  close(): void
}

/** Options of {@link createCertificateSource}. */
export interface CertificateSourceOptions {
  readonly registry: Omit<RegistrationTask, 'origin' | 'publicKey' | 'signature'>
  /** Longest that the first call waits, in milliseconds. */
  readonly waitMillis: number
  readonly createUuid: () => string
  /** Origin of the log with this uuid. */
  readonly originOf: (uuid: string) => string
  /**
   * Notes on disk that the registry may come to know a log, and locks it.
   *
   * @throws Error of the system; then the registry is not asked.
   */
  readonly reserve: (uuid: string, origin: string) => Lock
  /** Told why a log certifies itself, in one sentence. */
  readonly onFailure: (message: string) => void
}

interface Pending {
  readonly uuid: string
  readonly key: InstanceKey
  readonly answer: SharedAnswer
  readonly worker: Worker
  readonly lock: Lock
}

/** The text that the log's key signs; the registry checks it (`registrationMessage`). */
function registrationMessage(origin: string): string {
  return `tokentrail-registration/v1\n${origin}\n`
}

/**
 * Creates the source of certificates by a registry's signing endpoint. A key is made for each log
 * before it is opened; its public part and its origin go to the registry, in a thread of its own.
 * An answer that comes late is not lost: {@link CertificateSource.isReady} tells of it, and the log
 * that certified itself is followed by a certified one. No request waits for any of it.
 */
export function createCertificateSource(options: CertificateSourceOptions): CertificateSource {
  let pending: Pending | undefined
  let returned: CertifiedLog | undefined
  let isFirst = true
  let problem: string | undefined

  function prepare(): void {
    if (returned !== undefined || pending !== undefined) return
    try {
      pending = ask(options)
      problem = undefined
    } catch (error) {
      problem = `its folder cannot be made: ${systemErrorCode(error) ?? 'unknown error'}`
    }
  }

  function abandon(): AskedLog | undefined {
    void pending?.worker.terminate()
    const asked = returned ?? pending
    returned = undefined
    pending = undefined
    return asked && { uuid: asked.uuid, origin: options.originOf(asked.uuid), lock: asked.lock }
  }

  return {
    prepare,
    isReady: () => returned !== undefined || pending?.answer.state === ANSWERED,
    giveBack: (certified) => void (returned = certified),
    take() {
      if (returned !== undefined) {
        const again = returned
        returned = undefined
        return again
      }
      prepare()
      if (isFirst) pending?.answer.wait(options.waitMillis)
      isFirst = false
      if (pending?.answer.state === ANSWERED) {
        const { uuid, key, answer, lock } = pending
        pending = undefined
        return { uuid, key, certificate: answer.text, lock }
      }
      const why =
        pending?.answer.state === FAILED ? pending.answer.text : (problem ?? 'no answer yet')
      options.onFailure(
        `The registry gave no certificate (${why}). The log certifies itself, and a certified one follows.`,
      )
      return undefined
    },
    abandon,
    close: () => abandon()?.lock.release(),
  }
}

function ask(options: CertificateSourceOptions): Pending {
  const { registry } = options
  const uuid = options.createUuid()
  const origin = options.originOf(uuid)
  const lock = options.reserve(uuid, origin)
  const key = createInstanceKey(origin)
  const { signature } = key.signer.sign(registrationMessage(origin))
  const task: RegistrationTask = {
    ...registry,
    origin,
    publicKey: String(key.publicKey.export({ format: 'jwk' }).x),
    signature: formatBase64Url(signature),
  }
  const answer = new SharedAnswer()
  // No flags and no environment: a preload of the application must not start a recorder in there.
  const worker = new Worker(workerUrl(), {
    name: 'tokentrail-registry',
    workerData: { task, answer: answer.buffer },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  })
  worker.on('error', (error) => answer.put(FAILED, error.name))
  worker.unref()
  return { uuid, key, answer, worker, lock }
}

function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./registry-worker.${extension}`, import.meta.url)
}
