import { canonicalize, verifyLogs } from '../src/index.ts'
import type { Finding, VerificationReport, VerifyOptions } from '../src/index.ts'
import { ROOT } from './log-builder.ts'

export type Members = Record<string, unknown>

/** Verifies bodies alone, against the root of the test logs. */
export async function verify(
  bodies: readonly string[],
  options: Partial<VerifyOptions> = {},
): Promise<VerificationReport> {
  return verifyLogs(
    bodies.map((body) => ({ body })),
    { roots: [ROOT], ...options },
  )
}

/** Indexes that findings of a verdict name; runs are spelled out. */
export function named(report: VerificationReport, verdict: Finding['verdict']): number[] {
  return report.findings
    .filter((finding) => finding.verdict === verdict && finding.index !== undefined)
    .flatMap(({ index = 0, lastIndex = index }) =>
      Array.from({ length: Math.min(lastIndex - index, 1_000) + 1 }, (_, i) => index + i),
    )
}

/** Changes a record and writes it canonically again. */
export function rewrite(text: string, change: (record: Members) => void): string {
  const record = JSON.parse(text) as Members
  change(record)
  return canonicalize(record)
}

export function nanos(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n
}
