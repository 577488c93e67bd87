import type { Finding } from './report.ts'
import { FINDING_VERDICTS, type FindingVerdict } from './verdict.ts'

/** Findings kept per log and verdict; a hostile export must not fill the memory with them. */
const MAX_FINDINGS = 1_000

/** What one thread has found. */
export interface FindingShard {
  readonly findings: readonly Finding[]
  readonly omitted: number
}

/** Collects findings; one per log, verdict, first index and attribute, the longest. */
export class FindingList {
  readonly #findings = new Map<string, Finding>()
  readonly #counts = new Map<string, number>()
  readonly #seen = new Set<FindingVerdict>()
  #omitted = 0

  /** Number of findings that were counted but not kept. */
  get omitted(): number {
    return this.#omitted
  }

  add(finding: Finding): void {
    const { verdict, log = '', index = '', attribute = '' } = finding
    this.#seen.add(verdict)
    const key = `${verdict} ${index} ${attribute} ${log}`
    const known = finding.index === undefined ? undefined : this.#findings.get(key)
    if (known !== undefined) {
      // A run that was found from two sides is as long as the longer of them.
      if (lastOf(finding) > lastOf(known)) this.#findings.set(key, finding)
      return
    }
    const counted = `${verdict} ${log}`
    const count = this.#counts.get(counted) ?? 0
    this.#counts.set(counted, count + 1)
    if (count < MAX_FINDINGS) {
      this.#findings.set(finding.index === undefined ? `${key} ${count}` : key, finding)
    } else this.#omitted++
  }

  /** Takes in the findings of another list. */
  merge({ findings, omitted }: FindingShard): void {
    for (const finding of findings) this.add(finding)
    this.#omitted += omitted
  }

  toShard(): FindingShard {
    return { findings: [...this.#findings.values()], omitted: this.#omitted }
  }

  /** The gravest verdict among the findings. */
  gravest(): FindingVerdict | undefined {
    return FINDING_VERDICTS.find((verdict) => this.#seen.has(verdict))
  }

  /** All findings kept, by gravity, then log, then index. */
  sorted(): readonly Finding[] {
    return [...this.#findings.values()].sort(
      (a, b) =>
        FINDING_VERDICTS.indexOf(a.verdict) - FINDING_VERDICTS.indexOf(b.verdict) ||
        compareText(a.log ?? '', b.log ?? '') ||
        (a.index ?? -1) - (b.index ?? -1),
    )
  }
}

function lastOf({ index = -1, lastIndex = index }: Finding): number {
  return lastIndex
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
