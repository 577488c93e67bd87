import type { VerificationReport } from '@tokentrail/ledger'
import { tokentrail } from '../e2e/support/run.ts'

/** What an export must be found to be. */
export interface Expected {
  readonly verdict: VerificationReport['verdict']
  /** The index that must be named. */
  readonly index?: number
}

/** Judges exports by `tokentrail verify`, and remembers what was not as it had to be. */
export class Judge {
  readonly #rootFile: string
  readonly failures: string[] = []

  constructor(rootFile: string) {
    this.#rootFile = rootFile
  }

  /** Verifies an export, with the route named or inferred. */
  async verify(name: string, path: string, expected: Expected, route?: string): Promise<void> {
    const routed = route === undefined ? [] : ['--route', route]
    const args = ['verify', path, '--root', this.#rootFile, '--json', ...routed]
    const { code, stdout, stderr } = await tokentrail(args)
    const report = (stdout === '' ? {} : JSON.parse(stdout)) as Partial<
      VerificationReport & { readonly unreadableParts: number }
    >
    const problems = findProblems(report, expected)
    if (expected.verdict === 'VALID_SEALED' && code !== 0) problems.push(`exit code ${code}`)
    const said =
      `${report.verdict}` +
      (expected.index === undefined ? '' : ` at ${expected.index}`) +
      `, ${report.records} records, ${report.duplicates} copies`
    this.note(name, problems, `${said}${stderr === '' ? '' : `, ${stderr.trim()}`}`)
  }

  /** Notes a check of another kind. */
  check(name: string, holds: boolean, said: string): void {
    this.note(name, holds ? [] : ['does not hold'], said)
  }

  note(name: string, problems: readonly string[], said: string): void {
    const verdict = problems.length === 0 ? 'ok    ' : 'FAILED'
    console.log(`${verdict}  ${name.padEnd(58)}  ${said}`)
    for (const problem of problems) console.log(`          ${problem}`)
    if (problems.length > 0) this.failures.push(name)
  }
}

function findProblems(
  report: Partial<VerificationReport & { readonly unreadableParts: number }>,
  expected: Expected,
): string[] {
  const problems: string[] = []
  const { findings = [], unreadableParts = 0 } = report
  if (report.verdict !== expected.verdict) problems.push(`expected ${expected.verdict}`)
  if (unreadableParts > 0) problems.push(`${unreadableParts} parts could not be read`)
  const foreseen = findings.filter(
    ({ verdict, index }) => verdict === expected.verdict && index === expected.index,
  )
  if (expected.index !== undefined && foreseen.length === 0) {
    problems.push(`index ${expected.index} is not named`)
  }
  for (const finding of findings.filter((finding) => !foreseen.includes(finding)).slice(0, 5)) {
    problems.push(`${finding.verdict} ${finding.index}: ${finding.message}`)
  }
  return problems
}
