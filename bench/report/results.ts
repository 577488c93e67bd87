import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import type { DeliveryComparison } from '../delivery/compare.ts'
import type { Codec, WireSize } from '../delivery/wire.ts'
import type { DiskComparison } from '../disk/compare.ts'
import type { FloodComparison } from '../flood/compare.ts'
import type { RequestComparison } from '../requests/compare.ts'
import type { VerificationComparison } from '../verification/compare.ts'

/** When and where something was measured. */
export interface Measured {
  /** ISO 8601, to the minute. */
  readonly at: string
  readonly node: string
  readonly cores: number
  /** Load average of a minute, before and after. */
  readonly load: readonly [before: number, after: number]
}

/** Bytes per record after one way of compression. */
export interface WireResult {
  readonly codec: Codec
  readonly recorded: WireSize
  readonly stock: WireSize
}

/** What the last run gave, section by section. */
export interface Results {
  readonly requests?: RequestComparison & Measured
  readonly delivery?: {
    readonly comparisons: readonly DeliveryComparison[]
    readonly wire: readonly WireResult[]
  } & Measured
  readonly disk?: DiskComparison & Measured
  readonly verification?: VerificationComparison & Measured
  readonly flood?: FloodComparison & Measured
}

const FILE = join(import.meta.dirname, '..', 'results.json')

/** Reads what the last run has kept. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(FILE, 'utf8')) as Results
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}

/** Keeps results for {@link readResults}; four digits of each figure say all there is to say. */
export async function writeResults(results: Results): Promise<void> {
  const round = (_name: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  await writeFile(FILE, await format(JSON.stringify(results, round), { parser: 'json' }))
}
