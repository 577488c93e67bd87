import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'

/** Linux counts CPU in ticks of 10 ms, whatever the machine. */
const MILLIS_PER_TICK = 10

/** A round counts as quiet while others took no more of the machine than this. */
const QUIET_SHARE = 0.1

/**
 * Watches how much of the machine is used by others than the bench. Known on Linux only; elsewhere
 * nothing is known of them, and it says 0.
 */
export class MachineLoad {
  readonly #ownProcesses: () => readonly number[]
  #others = 0
  #at = 0

  /** @param ownProcesses - Process ids of the bench besides this process. They must go on living. */
  constructor(ownProcesses: () => readonly number[]) {
    this.#ownProcesses = ownProcesses
    this.lap()
  }

  /** Share of all cores that others have used since the last call. */
  lap(): number {
    const others = readBusyMillis() - this.#ownMillis()
    const at = performance.now()
    const share = (others - this.#others) / ((at - this.#at) * availableParallelism())
    this.#others = others
    this.#at = at
    return Math.max(0, share)
  }

  #ownMillis(): number {
    const pids = [process.pid, ...this.#ownProcesses()]
    return pids.reduce((sum, pid) => sum + readProcessMillis(pid), 0)
  }
}

/**
 * The rounds that say something: those in which others took at most a tenth of the machine, or,
 * where fewer than half were so quiet, the quieter half.
 */
export function chooseQuiet<Round extends { readonly outside: number }>(
  rounds: readonly Round[],
): readonly Round[] {
  const quiet = rounds.filter(({ outside }) => outside <= QUIET_SHARE)
  const least = Math.ceil(rounds.length / 2)
  if (quiet.length >= least) return quiet
  return rounds.toSorted((a, b) => a.outside - b.outside).slice(0, least)
}

/** All cores together: user, nice, system, interrupts, and what a hypervisor took away. */
function readBusyMillis(): number {
  const [, ...ticks] = readProc('stat').split('\n', 1)[0]?.split(/\s+/) ?? []
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = ticks.map(Number)
  return (user + nice + system + irq + softIrq + steal) * MILLIS_PER_TICK
}

/** The name of the program, in parentheses, may have spaces. */
function readProcessMillis(pid: number): number {
  const text = readProc(`${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MILLIS_PER_TICK
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'latin1')
  } catch {
    return ''
  }
}
