import type { RecordDraft } from '@tokentrail/session'
import { describe, expect, it } from 'vitest'
import { GapRecorder } from '../src/gap-recorder.ts'

const SECOND = 1_000_000_000n

function createGaps(): {
  gaps: GapRecorder
  records: RecordDraft[]
  wait: (nanos: bigint) => void
} {
  let now = 1_795_470_000n * SECOND
  const records: RecordDraft[] = []
  const sink = { origin: 'o', append: (record: RecordDraft) => void records.push(record) }
  const gaps = new GapRecorder(sink, { unixNanos: () => now })
  return { gaps, records, wait: (nanos) => void (now += nanos) }
}

describe('the record of a gap', () => {
  it('comes at once for the first fault, then once a minute, naming the time it covers', () => {
    const { gaps, records, wait } = createGaps()
    gaps.addFault()
    wait(SECOND)
    gaps.addFault()
    wait(58n * SECOND)
    gaps.addFault()
    expect(records).toHaveLength(1)
    wait(2n * SECOND)
    gaps.addFault()
    expect(records.map(({ type, attributes }) => [type, attributes])).toEqual([
      [
        'tokentrail.recorder.gap',
        {
          'tokentrail.gap.reason': 'internal_error',
          'tokentrail.gap.from': '1795470000000000000',
          'tokentrail.gap.to': '1795470000000000000',
        },
      ],
      [
        'tokentrail.recorder.gap',
        {
          'tokentrail.gap.reason': 'internal_error',
          'tokentrail.gap.from': '1795470001000000000',
          'tokentrail.gap.to': '1795470061000000000',
        },
      ],
    ])
    expect(gaps.faults).toBe(4)
  })

  it('tells of the rest when it is settled, and of nothing twice', () => {
    const { gaps, records } = createGaps()
    gaps.settle()
    gaps.addFault()
    gaps.addFault()
    gaps.settle()
    gaps.settle()
    expect(records).toHaveLength(2)
  })

  it('names a library that could not be hooked', () => {
    const { gaps, records } = createGaps()
    gaps.addInactiveHook('jose')
    expect(records[0]?.attributes).toEqual({
      'tokentrail.gap.reason': 'hook_inactive',
      'tokentrail.capture.hook': 'jose',
    })
  })
})
