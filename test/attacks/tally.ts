import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shape } from '../backends/shapes.ts'
import type { Attack } from './attack.ts'
import { judge } from './judge.ts'

/** How often an attack was tried, and where it was not judged as it must be. */
export interface Tally {
  tried: number
  readonly problems: string[]
}

/** Tries attacks through shapes and counts by attack. */
export async function tallyAttacks(
  attacks: Iterable<Attack>,
  shapesOf: (at: number) => readonly Shape[],
  tallies: Map<string, Tally> = new Map(),
): Promise<Map<string, Tally>> {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-attacks-'))
  try {
    let at = 0
    for (const attack of attacks) {
      for (const shape of shapesOf(at++)) {
        const tally = tallies.get(attack.name) ?? { tried: 0, problems: [] }
        tallies.set(attack.name, tally)
        tally.tried++
        const { problem } = await judge(attack, shape, folder)
        const place = attack.indexes?.join(',') ?? ''
        if (problem !== undefined) tally.problems.push(`${shape.name}, ${place}: ${problem}`)
      }
    }
    return tallies
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
