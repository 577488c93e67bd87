import type { BundleReport, Finding, ProvenLog } from '@tokentrail/ledger'
import { formatTable } from './table.ts'
import { formatNanos, formatSeconds } from './time.ts'
import { escapeUnprintable } from './unprintable.ts'

function describeRoot({ size, signedAt, recoveredBy }: ProvenLog): string {
  const time = signedAt === undefined ? '' : ` at ${formatSeconds(signedAt)}`
  return recoveredBy === undefined ? `signed at size ${size}${time}` : `named by ${recoveredBy}`
}

function formatFinding({ verdict, log, index, message }: Finding): string {
  const place = [log ?? '', index === undefined ? '' : `index ${index}`].filter((part) => part)
  return escapeUnprintable(`${verdict}  ${place.join('  ')}\u0000${message}`).replace(
    '\\u0000',
    '\n    ',
  )
}

/** Formats the verification of a proof bundle for people. */
export function formatBundle(report: BundleReport): string {
  const { about, logs, records, findings, remarks, verdict } = report
  const subject =
    about === undefined
      ? ''
      : `About ${'session' in about ? `session ${about.session}` : `record ${about.record}`}.\n`
  const rows = records.map(({ log, index, time, type }) => [
    formatNanos(time),
    type,
    String(index),
    log,
  ])
  const roots = logs.map((log) => [
    log.log,
    describeRoot(log),
    log.selfIssued ? 'self-issued' : `certified by ${log.issuer}`,
  ])
  const meaning =
    verdict === 'PROVEN'
      ? `all ${records.length} records are proven`
      : 'the bundle does not hold; believe none of it'
  return [
    escapeUnprintable(subject.trimEnd()),
    records.length > 0 ? formatTable(['TIME', 'TYPE', 'INDEX', 'LOG'], rows) : '',
    logs.length > 0 ? formatTable(['LOG', 'ROOT', 'KEY'], roots) : '',
    findings.map((finding) => `${formatFinding(finding)}\n`).join(''),
    remarks.map((remark) => `Note: ${escapeUnprintable(remark)}\n`).join(''),
    `${verdict}: ${meaning}\n`,
  ]
    .filter((part) => part !== '')
    .map((part) => (part.endsWith('\n') ? part : `${part}\n`))
    .join('\n')
}
