import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly isZombie: boolean
}

function readStat(pid: string): ProcessEntry[] {
  try {
    // The command's name stands in parentheses and may hold anything, so the rest is read behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [{ pid: Number(pid), parent: Number(parent), isZombie: state === 'Z' }]
  } catch {
    // It has ended since the folder was read.
    return []
  }
}

function listProcesses(): ProcessEntry[] {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readStat)
  }
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  return output.split('\n').map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), isZombie: state.startsWith('Z') }
  })
}

/** Processes that a process has started, and those that they have started. */
export function descendantsOf(pid: number): number[] {
  const all = listProcesses()
  const found: number[] = []
  const parents = [pid]
  for (const parent of parents) {
    const children = all.filter((entry) => entry.parent === parent).map((entry) => entry.pid)
    parents.push(...children)
    found.push(...children)
  }
  return found
}

/** Those of the processes that still run. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = listProcesses().filter(({ isZombie }) => !isZombie)
  return running.map(({ pid }) => pid).filter((pid) => pids.includes(pid))
}
