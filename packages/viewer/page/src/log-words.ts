import type { LogState } from '../../src/api-types.ts'
import { formatPlural } from './format.ts'

/** State of a log in a word and a sentence. */
export interface LogWords {
  readonly title: string
  readonly sentence: string
  readonly tone: 'good' | 'calm' | 'warn' | 'bad'
}

const STATES: { readonly [State in LogState['state']]: LogWords } = {
  running: {
    title: 'Running',
    tone: 'calm',
    sentence: 'Still being written. Records up to the last signed head are proven.',
  },
  sealed: {
    title: 'Sealed',
    tone: 'good',
    sentence: 'Closed, and a signed head covers its end: a cut-off tail would show.',
  },
  unsealed: {
    title: 'Unsealed',
    tone: 'warn',
    sentence:
      'It fell silent without a signed end. What came after the last signed head could have been cut off unseen.',
  },
  broken: {
    title: 'Broken',
    tone: 'bad',
    sentence: 'Something was altered, removed, inserted or forged. See the findings.',
  },
}

/** Looks the words for a state up. */
export function describeLog(log: LogState): LogWords {
  const words = STATES[log.state]
  if (log.lost === 0 || words.tone === 'bad') return words
  const records = formatPlural(log.lost, 'record')
  const sentence = `${words.sentence} But ${records} could not be read any more when its process had died: its successor has signed which.`
  return { ...words, tone: 'warn', sentence }
}

/**
 * Proof state of all logs in one sentence, the gravest first.
 *
 * @param alarms - How many contradictions the registry has seen. Default is none.
 * @param omitted - Sealed logs without a finding that are not among them. Default is none.
 */
export function describeLogs(
  logs: readonly LogState[],
  alarms = 0,
  omitted = 0,
): Pick<LogWords, 'sentence' | 'tone'> {
  if (alarms > 0) return { tone: 'bad', sentence: `${formatPlural(alarms, 'fork')}: see the alarm` }
  if (logs.length === 0) return { tone: 'calm', sentence: 'No logs yet' }
  const count = (state: LogState['state']) => logs.filter((log) => log.state === state).length
  const broken = count('broken')
  if (broken > 0) {
    return { tone: 'bad', sentence: `${formatPlural(broken, 'log')} broken: see the findings` }
  }
  const unsealed = count('unsealed')
  if (unsealed > 0) {
    const verb = unsealed === 1 ? 'has' : 'have'
    return { tone: 'warn', sentence: `${formatPlural(unsealed, 'log')} ${verb} an open end` }
  }
  const states = [`${count('running')} running`, `${count('sealed') + omitted} sealed`]
  const parts = states.filter((part) => !part.startsWith('0 ')).join(', ')
  return { tone: 'good', sentence: `No alteration found (${parts})` }
}

/** Records that no signed head covers yet. */
export function countUnsigned(log: LogState): number {
  return Math.max(0, log.size - log.signedSize)
}

/** Records that arrived although an earlier one is missing. */
export function countBeyondHole(log: LogState): number {
  return Math.max(0, log.records - log.size)
}
