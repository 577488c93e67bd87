import type { Finding, LogReport, Loss, VerificationReport, Verdict } from '@tokentrail/ledger'
import type { UnreadableParts } from '../unreadable-parts.ts'
import { formatTable } from './table.ts'
import { formatNanos, formatSeconds } from './time.ts'
import { escapeUnprintable } from './unprintable.ts'
import { formatUnreadable } from './unreadable.ts'

const MAX_FINDINGS = 50

const MEANINGS: Readonly<Record<Verdict, string>> = {
  VALID_SEALED: 'every record matches, and every log has a signed end',
  VALID_UNTIL: 'every record matches, and every log is sealed or signed past the time',
  NO_RECORDS: 'the input holds no records',
  UNSEALED_END: 'valid up to a signed size; what follows has no signed end',
  MISSING: 'records are missing',
  ALTERED: 'records were altered',
  FORGED_DUP: 'two different records claim one place',
  INSERTED: 'records were inserted',
  FORK: 'two signed histories contradict each other',
  MISSING_CHECKPOINT: 'checkpoints are missing',
  PROJECTION_DIFFERS: 'an attribute says something else than the record',
  UNKNOWN_KEY: 'a log is not signed under a trusted root',
  EXPIRED_KEY: 'a record or checkpoint lies outside its certificate',
  MISSING_LOG: 'a log is missing',
}

function signedTime(log: LogReport): string {
  return log.signedAt === undefined ? '-' : formatSeconds(log.signedAt)
}

/** Of a log without a trusted certificate nothing is known of who issued it. */
function issuerOf(log: LogReport): string {
  if (log.state === 'unknown-key') return 'unknown'
  return log.selfIssued ? 'self-issued' : 'certified'
}

/** A tail that was cut off leaves more time unsigned than a process that is killed does. */
function formatUnsealed({ unsealedSeconds, usualUnsealed }: LogReport): string {
  if (unsealedSeconds === undefined) return '-'
  const usual = usualUnsealed === undefined ? '' : ` (usual: ${usualUnsealed.seconds} s)`
  return `${unsealedSeconds} s${usual}`
}

function formatLogs(logs: readonly LogReport[]): string {
  return formatTable(
    ['LOG', 'STATE', 'RECORDS', 'SIGNED', 'SIGNED AT', 'UNSEALED', 'KEY'],
    logs.map((log) => [
      log.log,
      log.state,
      String(log.records),
      String(log.signedSize),
      signedTime(log),
      formatUnsealed(log),
      issuerOf(log),
    ]),
  )
}

function formatFinding(finding: Finding): string {
  const { verdict, log, source } = finding
  const { index, lastIndex } = finding
  const range = lastIndex === undefined || lastIndex === index ? '' : `-${lastIndex}`
  const place = [
    log ?? '',
    index === undefined ? '' : `index ${index}${range}`,
    source === undefined ? '' : `${source.file}:${source.line}`,
  ].filter((part) => part !== '')
  const [where, message] = [place.join('  '), finding.message].map(escapeUnprintable)
  return `${verdict}  ${where}\n    ${message}\n`
}

function formatFindings(report: VerificationReport): string {
  const shown = report.findings.slice(0, MAX_FINDINGS).map(formatFinding).join('')
  const more = report.findings.length - MAX_FINDINGS + report.omittedFindings
  return more > 0 ? `${shown}and ${more} more findings (--json lists them)\n` : shown
}

function formatInput({ records, duplicates, identities }: VerificationReport): string {
  const apart = [
    duplicates > 0 ? `${duplicates} exact copies` : '',
    identities > 0 ? `${identities} identity records, which no proof covers` : '',
  ].filter((part) => part !== '')
  return `Read ${records} log records${apart.length > 0 ? `; of these ${apart.join(', ')}` : ''}.\n`
}

function formatRoute({ route, logs }: VerificationReport): string {
  if (route === undefined) return ''
  const others = logs.reduce((sum, { notRouted }) => sum + notRouted, 0)
  const name = escapeUnprintable(route.name)
  const origin = route.inferred ? 'inferred' : 'as asked'
  return `Only route "${name}" was verified (${origin}): ${others} records of other routes are not missed.\n`
}

/** What speaks for the logs from outside, largest first; successors go by log alone. */
function formatAnchors({ anchors }: VerificationReport): string {
  const shown = anchors.slice(0, MAX_FINDINGS).map(({ kind, log, by, size, seconds }) => {
    const upTo = size === undefined ? '' : ` up to size ${size}`
    const at = seconds === undefined ? '' : `, ${formatNanos(`${seconds}000000000`)}`
    return `ANCHOR  ${escapeUnprintable(`${log}  ${kind} ${by}${upTo}${at}`)}\n`
  })
  const more = anchors.length - shown.length
  return [...shown, more > 0 ? `and ${more} more anchors (--json lists them)\n` : ''].join('')
}

/** Information, never a finding: whose identity is gone was said by somebody who may erase. */
function formatErasures({ erasures }: VerificationReport): string {
  const shown = erasures.slice(0, MAX_FINDINGS).map(({ log, index, time, reason, pseudonyms }) => {
    const at = formatNanos(time)
    const what = `${pseudonyms.length} pseudonyms at ${at} (${reason}), ${log} index ${index}`
    return `ERASED  ${escapeUnprintable(what)}\n`
  })
  const more = erasures.length - shown.length
  return [...shown, more > 0 ? `and ${more} more erasures (--json lists them)\n` : ''].join('')
}

/** Never a finding, and never left out: what is lost was said in a signed record. */
function formatLosses({ losses }: VerificationReport): string {
  const shown = losses
    .slice(0, MAX_FINDINGS)
    .map((loss) => `LOST  ${escapeUnprintable(describeLoss(loss))}\n`)
  const more = losses.length - shown.length
  return [...shown, more > 0 ? `and ${more} more losses (--json lists them)\n` : ''].join('')
}

function describeLoss(loss: Loss): string {
  const { kind, log, by, at, index, lastIndex = index } = loss
  const range = index === lastIndex ? `index ${index}` : `index ${index}-${lastIndex}`
  const said = `says ${by} index ${at}`
  if (kind === 'unrecorded') {
    const { count, reason, from, to } = loss
    const [begin, end] = [from, to].map((time) => (time === undefined ? '?' : formatNanos(time)))
    return `${log}  ${count ?? 'some'} records from ${begin} to ${end} were not kept (${reason ?? 'unknown'}), ${said}`
  }
  if (kind === 'unreadable') return `${log}  ${range} could not be read any more, ${said}`
  const { segment, offset, bytes } = loss
  const what = bytes === 0 ? `${segment} is gone` : `${bytes} bytes at ${offset} of ${segment}`
  const records = index === undefined ? '' : ` (${range})`
  return `${log}  its journal is damaged: ${what}${records}, ${said}`
}

function formatSince({ since, logs }: VerificationReport): string {
  const before = logs.reduce((sum, { beforeSince }) => sum + beforeSince, 0)
  return since === undefined ? '' : `${before} records before the slice are not missed.\n`
}

/** Formats a verification for people: logs, findings, remarks, and the verdict last. */
export function formatVerification(
  report: VerificationReport,
  unreadable: UnreadableParts,
): string {
  const unread =
    unreadable.count > 0
      ? `; but ${unreadable.count} parts of the input cannot be read, so this does not speak for them`
      : ''
  const lost = report.losses.length > 0 ? '; what is lost is listed as such' : ''
  const parts = [
    report.logs.length > 0 ? formatLogs(report.logs) : '',
    formatFindings(report),
    formatAnchors(report),
    formatErasures(report),
    formatLosses(report),
    formatUnreadable(unreadable)
      .map((line) => `UNREADABLE  ${line}\n`)
      .join(''),
    [
      formatInput(report),
      formatRoute(report),
      formatSince(report),
      ...report.remarks.map((remark) => `Note: ${escapeUnprintable(remark)}\n`),
    ].join(''),
    `${report.verdict}: ${MEANINGS[report.verdict]}${lost}${unread}\n`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}
