import type { DoctorReport, RecordingDescription } from '@tokentrail/node'
import { formatTable } from './table.ts'

const ADVICE = {
  live: '',
  waiting: 'the library was not loaded while the application ran',
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

function formatRecording(recording: RecordingDescription): string {
  const { version, node, faults, warnings, log } = recording
  const sections = [
    `Tokentrail ${version} records this application on Node ${node}.\n`,
    formatHooks(recording),
    formatSettings(recording),
    `Log ${log.origin}; faults of the recorder: ${faults}\n`,
    warnings.map((warning) => `Warning: ${warning}\n`).join(''),
  ]
  return sections.filter((section) => section !== '').join('\n')
}

/** Formats what the preload said of itself. */
export function formatDiagnosis(report: DoctorReport): string {
  if (report.recording !== undefined) return formatRecording(report.recording)
  return `Not recording: ${report.error ?? 'the preload gave no reason'}\n`
}
