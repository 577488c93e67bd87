import type { Durability } from '@tokentrail/exporter'

/** Calls of the journal's {@link Disk}, as Node makes them. */
export const CALLS = [
  'openat',
  'close',
  'pread64',
  'pwrite64',
  'ftruncate',
  'fdatasync',
  'fsync',
  'rename',
  'unlink',
  'mkdir',
  'statx',
  'getdents64',
  'fcntl',
] as const

export type Call = (typeof CALLS)[number]

/** A way to fail, and which calls can. */
export interface Fault {
  readonly name: string
  readonly injection: string
  readonly calls: readonly Call[]
  /** A short count that is a lie: bytes are said to be written that are not. */
  readonly isLie?: boolean
  /** Only the thread that records meets it, not the one that delivers. */
  readonly isMainOnly?: boolean
}

const GROWING: readonly Call[] = ['openat', 'pwrite64', 'mkdir', 'rename', 'ftruncate', 'fdatasync']

const FAULTS: readonly Fault[] = [
  { name: 'EIO', injection: 'error=EIO', calls: CALLS },
  // By themselves: a thread that starts makes closes that no process survives (see isAbortOfNode).
  { name: 'EIO, recording,', injection: 'error=EIO', calls: ['close'], isMainOnly: true },
  { name: 'ENOSPC', injection: 'error=ENOSPC', calls: GROWING },
  { name: 'KILL', injection: 'signal=KILL', calls: CALLS },
  { name: 'delay', injection: 'delay_enter=50000', calls: ['pwrite64', 'fdatasync', 'fsync'] },
  { name: 'short', injection: 'retval=2', calls: ['pwrite64'], isLie: true },
]

/** Which calls are tried in which mode: in both, those that writing differs by. */
export const MODES: Readonly<Record<Durability, readonly Call[]>> = {
  disk: CALLS,
  process: [...GROWING, 'fsync'],
}

/** One run: the n-th call of each thread fails in one way. */
export interface Trial {
  readonly durability: Durability
  readonly fault: Fault
  readonly call: Call
  readonly at: number
}

/** How often a call is made in a run without a fault. */
export interface CallCount {
  readonly durability: Durability
  readonly call: Call
  /** By the thread that makes the most of it. */
  readonly most: number
  /** By the thread that records. */
  readonly main: number
}

/** Every call in every way that it can fail. */
export function listTrials(counts: readonly CallCount[]): Trial[] {
  return FAULTS.flatMap((fault) =>
    counts
      .filter(({ call }) => fault.calls.includes(call))
      .flatMap(({ call, durability, main, most }) =>
        Array.from({ length: fault.isMainOnly === true ? main : most }, (_, index) => ({
          durability,
          fault,
          call,
          at: index + 1,
        })),
      ),
  )
}

export function nameOf({ at, call, durability, fault }: Trial): string {
  return `${durability} mode, ${fault.name} at ${call} ${at}`
}
