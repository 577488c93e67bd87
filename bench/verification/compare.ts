import { join } from 'node:path'
import { Child } from '../child.ts'
import { chooseQuiet, MachineLoad } from '../machine-load.ts'
import { median } from '../measure.ts'

/** What a verification took. */
export interface VerifyUsage {
  readonly verdict: string
  readonly records: number
  /** CPU of the whole process. */
  readonly cpuSeconds: number
  /** Wall time of the same work. */
  readonly seconds: number
  /** Most memory that was resident, in bytes. */
  readonly maxRss: number
}

/** What is done, and what it is called. */
export const WORKS = {
  threads: 'file, as `tokentrail verify` does',
  single: 'file, in one thread',
  texts: 'the ledger, on texts that were read before',
} as const

/** A way to verify. */
export type Work = keyof typeof WORKS

const NAMES = Object.keys(WORKS) as Work[]

/** Records that are handed over at once. */
const PORTION = 20_000

/** Size of the comparison. */
export interface VerificationOptions {
  readonly rounds: number
  /** Request records in the export; the log's own come on top. */
  readonly records: number
  /** Folder for the journal, and for the export. */
  readonly folder: string
}

/** Medians over the rounds that count. */
export interface VerificationResult extends VerifyUsage {
  readonly work: Work
}

/** What the comparison gave. */
export interface VerificationComparison {
  readonly rounds: number
  /** Rounds that count, of {@link rounds}. */
  readonly counted: number
  /** Share of the machine that others used meanwhile. */
  readonly outside: number
  readonly results: readonly VerificationResult[]
}

interface Round {
  readonly outside: number
  readonly usages: ReadonlyMap<Work, VerifyUsage>
}

/** Has an export made as large as is asked for, and verifies it in each way, by turns. */
export async function compareVerifications(
  options: VerificationOptions,
): Promise<VerificationComparison> {
  await makeExport(options)
  const all: Round[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    all.push(await runRound(options.folder, round % 2 === 0 ? NAMES : NAMES.toReversed()))
  }
  const rounds = chooseQuiet(all)
  return {
    rounds: all.length,
    counted: rounds.length,
    outside: median(rounds.map(({ outside }) => outside)),
    results: NAMES.map((work) => summarise(work, rounds)),
  }
}

async function makeExport({ folder, records }: VerificationOptions): Promise<void> {
  const sink = new Child('sink.ts', { args: [folder] })
  const children = [sink]
  try {
    const { port } = await sink.next<{ port: number }>()
    const recorder = new Child('delivery/recorded.ts', {
      env: {
        TOKENTRAIL_DIR: join(folder, 'tokentrail'),
        OTEL_SERVICE_NAME: 'bench',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/recorded`,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      },
    })
    children.push(recorder)
    await recorder.next()
    for (let left = records; left > 0; left -= PORTION) {
      await recorder.ask({ count: Math.min(left, PORTION) })
    }
  } finally {
    // The recorder's log ends with records that the sink is still to take.
    for (const child of children.toReversed()) await child.stop()
  }
}

/** A process for each way, so that none finds the code warm or the memory of another. */
async function runRound(folder: string, names: readonly Work[]): Promise<Round> {
  const files = [join(folder, 'tokentrail/keys/root.jwk.json'), join(folder, 'recorded.jsonl')]
  const children: Child[] = []
  const machine = new MachineLoad(() => children.map(({ pid }) => pid))
  const usages = new Map<Work, VerifyUsage>()
  try {
    for (const name of names) {
      const child = new Child('verification/verify.ts', { args: [name, ...files] })
      children.push(child)
      usages.set(name, await child.next<VerifyUsage>())
    }
    return { outside: machine.lap(), usages }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}

function summarise(work: Work, rounds: readonly Round[]): VerificationResult {
  const usages = rounds.flatMap(({ usages }) => usages.get(work) ?? [])
  const verdicts = new Set(usages.map(({ verdict }) => verdict))
  const [first] = usages
  if (first === undefined || [...verdicts].join() !== 'VALID_SEALED') {
    throw new Error(`${work}: the export was found ${[...verdicts].join(', ')}`)
  }
  const middle = (pick: (usage: VerifyUsage) => number): number => median(usages.map(pick))
  return {
    work,
    verdict: first.verdict,
    records: first.records,
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    seconds: middle(({ seconds }) => seconds),
    maxRss: middle(({ maxRss }) => maxRss),
  }
}
