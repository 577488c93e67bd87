import type { Finding, LogReport, VerificationReport } from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { formatVerification } from '../../src/output/verification.ts'
import { UnreadableParts } from '../../src/unreadable-parts.ts'

const log: LogReport = {
  log: 'orders/slot/id',
  state: 'sealed',
  records: 7,
  signedSize: 6,
  signedAt: 1_795_514_400,
  unsealedRecords: 1,
  notRouted: 0,
  beforeSince: 0,
  lost: 0,
  selfIssued: false,
}
const valid: VerificationReport = {
  verdict: 'VALID_SEALED',
  exitCode: 0,
  records: 7,
  identities: 0,
  duplicates: 0,
  findings: [],
  omittedFindings: 0,
  logs: [log],
  anchors: [],
  erasures: [],
  losses: [],
  selfIssued: false,
  remarks: [],
  shortfalls: [],
}
const none = new UnreadableParts()
const format = (report: Partial<VerificationReport>): string =>
  formatVerification({ ...valid, ...report }, none)

describe('a verification for people', () => {
  it('ends with the verdict and what it means', () => {
    expect(format({})).toBe(
      [
        'LOG             STATE   RECORDS  SIGNED  SIGNED AT                 UNSEALED  KEY',
        'orders/slot/id  sealed  7        6       2026-11-24T10:00:00.000Z  -         certified',
        '',
        'Read 7 log records.',
        '',
        'VALID_SEALED: every record matches, and every log has a signed end',
        '',
      ].join('\n'),
    )
  })

  it('is printed whatever time a signature names', () => {
    expect(format({ logs: [{ ...log, signedAt: 2 ** 63 }] })).toContain('9223372036854776000 s')
  })

  it('tells of copies, identities, remarks and how long a log goes on unsigned', () => {
    const text = format({
      duplicates: 2,
      identities: 3,
      remarks: ['One thing.', 'Another.'],
      logs: [
        { ...log, state: 'unsealed', unsealedSeconds: 61 },
        { ...log, unsealedSeconds: 4, usualUnsealed: { seconds: 3, logs: 5 } },
      ],
    })
    expect(text).toMatch(/  4 s \(usual: 3 s\)  certified$/m)
    expect(text).toContain(
      'Read 7 log records; of these 2 exact copies, 3 identity records, which no proof covers.\n' +
        'Note: One thing.\nNote: Another.\n',
    )
    expect(text).toMatch(/unsealed .* 61 s +certified\n/)
  })

  it('tells of what is lost, apart from findings, and in the last line', () => {
    const at = { log: 'orders/slot/dead', by: 'orders/slot/id', at: 3 }
    const damage = { ...at, kind: 'damaged', segment: '0000000000000000.seg', offset: 64 } as const
    const losses = [
      { ...at, kind: 'unreadable', index: 21, lastIndex: 23 },
      { ...at, kind: 'unreadable', index: 30, lastIndex: 30 },
      { ...damage, bytes: 300, index: 21, lastIndex: 23 },
      { ...damage, bytes: 0 },
      {
        ...at,
        log: 'orders/slot/id',
        kind: 'unrecorded',
        count: 12,
        reason: 'disk_full',
        from: '1795514400000000000',
        to: '1795514460000000000',
      },
    ] as const
    const text = format({ losses })
    expect(text.split('\n').filter((line) => line.startsWith('LOST'))).toEqual([
      'LOST  orders/slot/dead  index 21-23 could not be read any more, says orders/slot/id index 3',
      'LOST  orders/slot/dead  index 30 could not be read any more, says orders/slot/id index 3',
      'LOST  orders/slot/dead  its journal is damaged: 300 bytes at 64 of 0000000000000000.seg (index 21-23), says orders/slot/id index 3',
      'LOST  orders/slot/dead  its journal is damaged: 0000000000000000.seg is gone, says orders/slot/id index 3',
      'LOST  orders/slot/id  12 records from 2026-11-24T10:00:00.000Z to 2026-11-24T10:01:00.000Z were not kept (disk_full), says orders/slot/id index 3',
    ])
    expect(text).toMatch(/every log has a signed end; what is lost is listed as such\n$/)
    const many = Array.from({ length: 12 }, () => losses).flat()
    expect(format({ losses: many })).toContain('and 10 more losses')
  })

  it('tells of erasures apart from findings', () => {
    const erasure = { log: 'e/s/u', index: 1, time: '1795514400000000000', kinds: ['sub'] }
    const erasures = [{ ...erasure, reason: 'subject_request', pseudonyms: ['p'] }]
    expect(format({ erasures })).toContain(
      'ERASED  1 pseudonyms at 2026-11-24T10:00:00.000Z (subject_request), e/s/u index 1\n',
    )
    const many = Array.from({ length: 60 }, () => erasures).flat()
    expect(format({ erasures: many })).toContain('and 10 more erasures')
  })

  it('says nothing of the issuer of a log whose certificate is not trusted', () => {
    const { signedAt: _, ...unsigned } = log
    expect(format({ logs: [{ ...unsigned, state: 'unknown-key', signedSize: 0 }] })).toMatch(
      /unknown-key +7 +0 +- +- +unknown\n/,
    )
  })

  it('locates a finding as exactly as it is known', () => {
    const message = 'its text differs'
    const source = { file: 'a.jsonl', line: 3 }
    const findings: Finding[] = [
      { verdict: 'ALTERED', message },
      { verdict: 'ALTERED', message, log: 'l', index: 4, source },
      { verdict: 'MISSING', message, log: 'l', index: 5, lastIndex: 5 },
      { verdict: 'MISSING', message, log: 'l', index: 5, lastIndex: 9 },
    ]
    const lines = format({ findings }).split('\n')
    expect(lines.filter((line) => /^(ALTERED|MISSING) /.test(line))).toEqual([
      'ALTERED  ',
      'ALTERED  l  index 4  a.jsonl:3',
      'MISSING  l  index 5',
      'MISSING  l  index 5-9',
    ])
    expect(lines.filter((line) => line === `    ${message}`)).toHaveLength(4)
  })

  it('shows fifty findings and counts the others', () => {
    const finding: Finding = { verdict: 'MISSING', message: 'gone', log: 'l', index: 1 }
    const findings = Array.from({ length: 60 }, () => finding)
    const text = format({ findings, omittedFindings: 5 })
    expect(text.match(/^MISSING {2}l/gm)).toHaveLength(50)
    expect(text).toContain('and 15 more findings (--json lists them)')
    expect(format({ findings: findings.slice(10) })).not.toContain('more findings')
  })

  it('lets nothing of a record or file reach the terminal as it is', () => {
    const hostile = '\u001b[2J\u202e\nVALID_SEALED'
    const unreadable = new UnreadableParts()
    unreadable.add({ file: hostile, line: 1, reason: hostile })
    const report: VerificationReport = {
      ...valid,
      logs: [{ ...log, log: hostile }],
      findings: [
        { verdict: 'ALTERED', message: hostile, log: hostile, source: { file: hostile, line: 1 } },
      ],
      remarks: [hostile],
      route: { name: hostile, inferred: true },
    }
    const text = formatVerification(report, unreadable)
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(text.match(/^VALID_SEALED/gm)).toHaveLength(1)
  })
})
