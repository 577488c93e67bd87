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
