import type { Finding, LogReport, VerificationReport } from '@tokentrail/ledger'
import type { UnreadablePart } from '@tokentrail/exporter'
import { formatTable, printable } from './table.ts'

const MAX_FINDINGS = 50

const MEANINGS: Readonly<Record<string, string>> = {
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
  return log.signedAt === undefined ? '-' : new Date(log.signedAt * 1000).toISOString()
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
      log.unsealedSeconds === undefined ? '-' : `${log.unsealedSeconds} s`,
      log.selfIssued ? 'self-issued' : 'certified',
    ]),
  )
}

function formatFinding(finding: Finding): string {
  const { verdict, log, source } = finding
  const { index, lastIndex } = finding
  const range = lastIndex === undefined || lastIndex === index ? '' : `-${lastIndex}`
  const place = [
    log === undefined ? '' : printable(log),
    index === undefined ? '' : `index ${index}${range}`,
    source === undefined ? '' : `${source.file}:${source.line}`,
  ].filter((part) => part !== '')
  return `${verdict}  ${place.join('  ')}\n    ${printable(finding.message)}\n`
}

function formatFindings(report: VerificationReport): string {
  const shown = report.findings.slice(0, MAX_FINDINGS).map(formatFinding).join('')
  const more = report.findings.length - MAX_FINDINGS + report.omittedFindings
  return more > 0 ? `${shown}and ${more} more findings (--json lists them)\n` : shown
}

/** Formats a verification for people: logs, findings, remarks, and the verdict last. */
export function formatVerification(
  report: VerificationReport,
  unreadable: readonly UnreadablePart[],
): string {
  const parts = [
    report.logs.length > 0 ? formatLogs(report.logs) : '',
    formatFindings(report),
    unreadable
      .map(({ file, line, reason }) => `UNREADABLE  ${file}:${line}\n    ${printable(reason)}\n`)
      .join(''),
    report.remarks.map((remark) => `Note: ${printable(remark)}\n`).join(''),
    `${report.verdict}: ${MEANINGS[report.verdict]}\n`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}
