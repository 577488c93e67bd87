import { parseBase64Url } from '../base64.ts'
import { COSIGNATURE_TYPE, ED25519_TYPE, createVerifierKey } from '../key.ts'
import { LedgerError } from '../errors.ts'
import { openNote } from '../note.ts'
import type { TlogPolicy } from '../tlog-policy.ts'
import type { FindingList } from './finding-list.ts'
import type { LogAnalysis } from './log-analysis.ts'
import { readTimestamp } from './log-key.ts'
import { formatTime } from './log-judgement.ts'
import { pinHeads, type PinnedHead } from './pinned-heads.ts'
import {
  parseSignedCheckpoint,
  readRegistryStatement,
  type RegisteredLog,
  type RegistryStatement,
  type SignedCheckpoint,
} from './registry-statements.ts'
import type { Anchor } from './report.ts'
import { findQuorumSize, type Cosignature } from './witness-quorum.ts'

/** What a time-stamp authority has said, once its token was checked. */
export interface CheckedTimestamp {
  /** POSIX seconds. */
  readonly seconds: number
  /** Name of the authority. */
  readonly authority: string
}

/** What {@link applyRegistries} must know beside the logs. */
export interface RegistryOptions {
  /** The export is of one route. */
  readonly isPartial: boolean
  /** Nanoseconds since 1970 UTC: logs that registered later are not missed. */
  readonly until?: bigint
  /** Nanoseconds since 1970 UTC: logs whose certificate ended before are not missed. */
  readonly since?: bigint
  readonly policy?: TlogPolicy
  readonly checkpoints?: readonly string[]
  /** Origins of logs that left no record, as a successor says. */
  readonly unbegun: ReadonlySet<string>
  readonly verifyTimestamp?: (response: Uint8Array, text: string) => CheckedTimestamp | undefined
}

/** What registries and other keepers of heads bear out. */
export interface RegistryOutcome {
  readonly anchors: readonly Anchor[]
  readonly remarks: readonly string[]
  /** Anchors that were asked for and that nothing at hand bears out, one sentence each. */
  readonly shortfalls: readonly string[]
}

/**
 * Lets registries, their witnesses and time-stamps, and copies of checkpoints that were kept
 * outside speak for the logs at hand. A registry is a log whose certificate says that it is one.
 */
export function applyRegistries(
  logs: ReadonlyMap<string, LogAnalysis>,
  findings: FindingList,
  options: RegistryOptions,
): RegistryOutcome {
  const judge = new RegistryJudge(logs, findings, options)
  judge.takeCopies(options.checkpoints ?? [])
  for (const log of logs.values()) {
    if (log.key?.certificate.kind === 'registry') judge.takeRegistry(log)
  }
  return judge.finish()
}

class RegistryJudge {
  readonly #logs: ReadonlyMap<string, LogAnalysis>
  readonly #findings: FindingList
  readonly #options: RegistryOptions
  readonly #heads = new Map<LogAnalysis, PinnedHead[]>()
  readonly #cosignatures = new Map<LogAnalysis, readonly Cosignature[]>()
  readonly #remarks: string[] = []
  readonly #unbegun: string[] = []
  readonly #shortfalls: string[] = []

  constructor(
    logs: ReadonlyMap<string, LogAnalysis>,
    findings: FindingList,
    options: RegistryOptions,
  ) {
    this.#logs = logs
    this.#findings = findings
    this.#options = options
  }

  /** Copies that were kept outside: they count where the log's own key has signed them. */
  takeCopies(notes: readonly string[]): void {
    let unusable = 0
    for (const text of notes) {
      const note = tryParse(text)
      const log = note && this.#logs.get(note.origin)
      if (note === undefined || log === undefined || !isSignedBy(log, note)) unusable++
      else this.#pin(log, note, 'copy', 'outside')
    }
    if (unusable > 0) {
      this.#shortfalls.push(
        `${unusable} of the checkpoints given are of no log at hand, or not signed by its key.`,
      )
    }
  }

  takeRegistry(registry: LogAnalysis): void {
    const statements: RegistryStatement[] = []
    for (const row of registry.provenStatements) {
      const record = registry.evidence.statements.get(row)
      const statement = record && readRegistryStatement(record)
      if (statement !== undefined) statements.push(statement)
      else if (record !== undefined) {
        this.#find(registry, 'ALTERED', record.index, 'the statement is not in form')
      }
    }
    this.#checkLogs(registry, statements)
    for (const statement of statements) this.#takeStatement(registry, statement)
    this.#checkQuorum(registry, statements)
    const seconds = registry.rebuilt.head && readTimestamp(registry.rebuilt.head, registry.key)
    if (seconds !== undefined) {
      const at = formatTime(seconds)
      this.#remarks.push(`The registry ${registry.evidence.origin} speaks up to ${at}.`)
    }
  }

  finish(): RegistryOutcome {
    const anchors = [...this.#heads].flatMap(([log, heads]) =>
      pinHeads(
        log,
        heads.toSorted((a, b) => a.size - b.size),
        this.#findings,
        this.#options,
      ),
    )
    for (const log of this.#logs.values()) {
      if (log.key?.certificate.kind !== 'registry') continue
      if (anchors.some((anchor) => anchor.log === log.evidence.origin)) continue
      this.#remarks.push(
        `The registry ${log.evidence.origin} has no witness, time-stamp or copy outside that was ` +
          'checked: whoever holds its key could rewrite it.',
      )
    }
    this.#remarks.push(...describeUnbegun(this.#unbegun))
    this.#checkAsked(anchors)
    return { anchors, remarks: this.#remarks, shortfalls: this.#shortfalls }
  }

  /** What is trusted and says nothing would let a rewrite pass. */
  #checkAsked(anchors: readonly Anchor[]): void {
    const { policy, verifyTimestamp } = this.#options
    const hasRegistry = [...this.#logs.values()].some(
      ({ key }) => key?.certificate.kind === 'registry',
    )
    if (policy?.quorum !== undefined && !hasRegistry) {
      this.#shortfalls.push('There is no registry whose witnesses could be those of the policy.')
    }
    if (verifyTimestamp !== undefined && !anchors.some(({ kind }) => kind === 'timestamp')) {
      this.#shortfalls.push('No time-stamp of a trusted authority holds over a registry at hand.')
    }
  }

  #checkLogs(registry: LogAnalysis, statements: readonly RegistryStatement[]): void {
    const registered = new Map<string, RegisteredLog>()
    for (const statement of statements) {
      if (statement.kind !== 'log') continue
      if (registered.has(statement.origin)) {
        this.#find(registry, 'ALTERED', statement.index, 'it registers a log a second time')
      } else registered.set(statement.origin, statement)
    }
    const begun = new Set(
      statements.flatMap((one) => (one.kind === 'head' ? [one.note.origin] : [])),
    )
    for (const log of registered.values()) this.#checkLog(registry, log, begun)
    for (const log of this.#logs.values()) this.#checkKnown(registry, log, registered)
  }

  /** @param begun - Logs that the registry holds a head of: they had records, whatever others say. */
  #checkLog(
    registry: LogAnalysis,
    { origin, certificate, time, index }: RegisteredLog,
    begun: ReadonlySet<string>,
  ): void {
    const log = this.#logs.get(origin)
    if (log === undefined) {
      if (!this.#isWanted(certificate, time)) return
      if (this.#options.unbegun.has(origin) && !begun.has(origin)) {
        this.#unbegun.push(origin)
        return
      }
      const message = `the registry ${registry.evidence.origin} names it at index ${index}, and the export lacks it`
      this.#findings.add({ verdict: 'MISSING_LOG', log: origin, message })
      return
    }
    if (log.key !== undefined && log.key.encoded !== certificate) {
      this.#find(log, 'UNKNOWN_KEY', 0, 'its certificate is not the one that the registry holds')
    }
  }

  /** Is a log missed that is not at hand, in the span of time that is verified? */
  #isWanted(certificate: string, time: bigint): boolean {
    const { until, since } = this.#options
    if (until !== undefined && time > until) return false
    return since === undefined || readExpiry(certificate) >= since
  }

  /** A certificate by the registry's own endpoint that the registry does not know. */
  #checkKnown(
    registry: LogAnalysis,
    log: LogAnalysis,
    registered: ReadonlyMap<string, RegisteredLog>,
  ): void {
    const { origin } = log.evidence
    const certificate = log.key?.certificate
    if (certificate === undefined || certificate.kind !== 'log' || registered.has(origin)) return
    if (certificate.selfIssued || certificate.issuer !== registry.evidence.origin) return
    const head = registry.rebuilt.head && readTimestamp(registry.rebuilt.head, registry.key)
    if (head === undefined || head < certificate.notBefore + CLOCK_SECONDS) return
    const message = 'the registry that is named as its issuer does not know its certificate'
    this.#find(log, 'UNKNOWN_KEY', 0, message)
  }

  #takeStatement(registry: LogAnalysis, statement: RegistryStatement): void {
    if (statement.kind === 'head') {
      const { note, conflicts, index } = statement
      const log = this.#logs.get(note.origin)
      if (log === undefined || log.key === undefined) return
      if (!isSignedBy(log, note)) {
        this.#find(registry, 'ALTERED', index, 'its head is not signed by the log that it names')
      } else {
        if (conflicts) {
          const message = `the registry holds a signed head of size ${note.size} that contradicts another one`
          this.#find(log, 'FORK', note.size, message)
        }
        this.#pin(log, note, 'registry', registry.evidence.origin)
      }
    } else if (statement.kind === 'witness')
      this.#takeWitness(registry, statement.note, statement.index)
    else if (statement.kind === 'timestamp') {
      const { verifyTimestamp } = this.#options
      if (verifyTimestamp === undefined || !isSignedBy(registry, statement.note)) return
      try {
        const checked = verifyTimestamp(statement.response, statement.note.note.text)
        if (checked === undefined) return
        const { seconds, authority } = checked
        this.#add(registry, { ...statement.note, seconds, kind: 'timestamp', by: authority })
      } catch (error) {
        const what = error instanceof Error ? error.message : 'unreadable'
        this.#find(registry, 'ALTERED', statement.index, `its time-stamp does not hold: ${what}`)
      }
    }
  }

  #takeWitness(registry: LogAnalysis, note: SignedCheckpoint, index: number): void {
    const { policy } = this.#options
    if (policy === undefined || !isSignedBy(registry, note)) return
    try {
      const own = registry.key!.certificate.publicKey
      const { origin } = registry.evidence
      const keys = [ED25519_TYPE, COSIGNATURE_TYPE].map((type) =>
        createVerifierKey(origin, type, own),
      )
      const { verified } = openNote(note.text, [...keys, ...policy.witnesses.map(({ key }) => key)])
      for (const { key, timestamp } of verified) {
        if (keys.includes(key) || timestamp === undefined) continue
        this.#add(registry, { ...note, seconds: Number(timestamp), kind: 'witness', by: key.name })
        const cosignatures = this.#cosignatures.get(registry) ?? []
        this.#cosignatures.set(registry, [...cosignatures, { key, size: note.size }])
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find(registry, 'ALTERED', index, 'a cosignature does not fit its note')
    }
  }

  #checkQuorum(registry: LogAnalysis, statements: readonly RegistryStatement[]): void {
    const { policy } = this.#options
    if (policy?.quorum === undefined) return
    const size = findQuorumSize(policy, this.#cosignatures.get(registry) ?? [])
    const last = statements.at(-1)?.index ?? 0
    const { origin } = registry.evidence
    if (size === undefined) {
      this.#shortfalls.push(`The quorum of witnesses is met for no head of the registry ${origin}.`)
      return
    }
    this.#remarks.push(
      `The quorum of witnesses is met up to size ${size} of the registry ${origin}` +
        (last >= size ? '; what it says after that is not witnessed.' : '.'),
    )
  }

  #pin(log: LogAnalysis, note: SignedCheckpoint, kind: PinnedHead['kind'], by: string): void {
    const { size, root } = note
    this.#add(log, { size, root, seconds: readTimestamp(note, log.key) ?? 0, kind, by })
  }

  #add(log: LogAnalysis, { size, root, seconds, kind, by }: PinnedHead): void {
    const heads = this.#heads.get(log) ?? []
    heads.push({ size, root, seconds, kind, by })
    this.#heads.set(log, heads)
  }

  #find(
    log: LogAnalysis,
    verdict: 'ALTERED' | 'UNKNOWN_KEY' | 'FORK',
    index: number,
    message: string,
  ): void {
    this.#findings.add({ verdict, log: log.evidence.origin, index, message })
  }
}

/** Logs that a remark names. */
const MAX_NAMED = 10

function describeUnbegun(origins: readonly string[]): readonly string[] {
  if (origins.length === 0) return []
  const named = origins.slice(0, MAX_NAMED).join(', ')
  const more = origins.length > MAX_NAMED ? ` and ${origins.length - MAX_NAMED} more` : ''
  return [
    `${origins.length} of the logs that the registry names left no record, as later logs of their ` +
      `slots have signed, and it holds no head of them: ${named}${more}.`,
  ]
}

/** A certificate begins so long before it was issued, at most. */
const CLOCK_SECONDS = 600

function tryParse(text: string): SignedCheckpoint | undefined {
  try {
    return parseSignedCheckpoint(text)
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}

/** The newest head of a log is mostly the one that was kept outside, and was checked before. */
function isSignedBy({ key, rebuilt }: LogAnalysis, { text, note }: SignedCheckpoint): boolean {
  const { head } = rebuilt
  return key?.judge(head?.noteText === text ? head : { note, noteText: text }) === 'signed'
}

/** End of a registered certificate in nanoseconds; it was checked by who has registered it. */
function readExpiry(certificate: string): bigint {
  try {
    const payload = certificate.split('.')[1] ?? ''
    const text = new TextDecoder().decode(parseBase64Url(payload))
    const { exp } = JSON.parse(text) as { readonly exp?: unknown }
    if (Number.isSafeInteger(exp)) return BigInt(exp as number) * 1_000_000_000n
  } catch {
    // A certificate that cannot be read excuses nothing.
  }
  return 1n << 63n
}
