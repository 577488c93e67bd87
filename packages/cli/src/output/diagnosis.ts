import type { DoctorReport, RecordingDescription } from '@tokentrail/node'
import { formatTable } from './table.ts'
import { escapeUnprintable } from './unprintable.ts'

const ADVICE = {
  live: '',
  waiting: 'not loaded while the application ran; in a bundle, see instrumentModule',
  inactive: '',
} as const

function formatHooks({ hooks }: RecordingDescription): string {
  return formatTable(
    ['HOOK', 'STATE', 'VERSIONS', 'ADVICE'],
    hooks.map((hook) => [
      hook.name,
      hook.state,
      hook.versions?.join(', ') || '-',
      (hook.reason ?? ADVICE[hook.state]) || '-',
    ]),
  )
}

function formatIssuers({ issuers }: RecordingDescription): string {
  if (issuers.length === 0) return ''
  return formatTable(
    ['ISSUER', 'STATE', 'KEYS', 'FETCHED', 'VERIFIED', 'REFUSED', 'UNDECIDED', 'LAST', 'ADVICE'],
    issuers.map((issuer) => [
      issuer.issuer,
      issuer.state,
      issuer.keys === undefined ? '-' : String(issuer.keys),
      issuer.keysFetchedAt ?? '-',
      String(issuer.verified),
      String(issuer.refused),
      String(issuer.undecided),
      issuer.lastVerifiedAt ?? '-',
      adviceOf(issuer),
    ]),
  )
}

function adviceOf({ introspects, reason, state }: RecordingDescription['issuers'][number]): string {
  if (reason !== undefined) return `${reason}; records name nobody by its tokens meanwhile`
  if (state === 'waiting') return 'no token of it came while the application ran'
  return introspects ? '-' : 'opaque tokens are not asked about: see introspection'
}

function formatSettings({ settings }: RecordingDescription): string {
  return formatTable(
    ['SETTING', 'VALUE', 'FROM', 'VARIABLE'],
    settings.map(({ name, value, origin, variable }) => [name, value, origin, variable]),
  )
}

function formatLog({ log, faults }: RecordingDescription): string {
  const blocked = log.blocked === undefined ? '' : ` (${log.blocked})`
  const delivery = log.delivered ? 'everything' : `not everything yet${blocked}`
  return [
    `Log ${log.origin}\n`,
    `  ${log.size} records, ${log.lost} lost, ${faults} faults of the recorder\n`,
    `  delivered: ${delivery}\n`,
  ].join('')
}

function formatRecording(recording: RecordingDescription): string {
  const { version, node, warnings } = recording
  const sections = [
    `Tokentrail ${version} records this application on Node ${node}.\n`,
    formatHooks(recording),
    formatIssuers(recording),
    formatSettings(recording),
    formatLog(recording),
    warnings.map((warning) => `Warning: ${escapeUnprintable(warning)}\n`).join(''),
  ]
  return sections.filter((section) => section !== '').join('\n')
}

/** Formats what the preload said of itself. */
export function formatDiagnosis(report: DoctorReport): string {
  if (report.recording !== undefined) return formatRecording(report.recording)
  const reason = report.error ?? 'the preload gave no reason'
  return `Not recording: ${escapeUnprintable(reason)}\n`
}
