import { parseArgs } from 'node:util'

/** What the command line asked for. */
export interface QuickstartOptions {
  /** One round of traffic, seal, verify, end. */
  readonly once: boolean
  /** Where `--once` leaves its results. */
  readonly out: string | undefined
  /** Folder of journal, keys, store and export of the live quick start; undefined for the usual. */
  readonly dir: string | undefined
  /** No collector: the viewer takes the records directly. */
  readonly embedded: boolean
  /** Ports that were asked for by name; others are chosen. */
  readonly ports: Readonly<Partial<Record<PortName, number>>>
}

/** The listeners of the quick start. */
export type PortName = 'collector' | 'viewer' | 'authorization-server' | 'api'

/** A command line that cannot be followed; the message names the flag and the remedy. */
export class UsageError extends Error {}

export const PORT_NAMES: readonly PortName[] = [
  'collector',
  'viewer',
  'authorization-server',
  'api',
]

export const HELP = `Usage: npm start -- [options]

Starts a collector, the viewer, an authorization server and an API that Tokentrail records,
and real clients that use them. Ctrl-C seals the logs and ends everything.

  --once                       one round of traffic, then seal, verify and end
  --out DIR                    with --once: where summary.json, export/ and root.jwk.json go
  --embedded                   no collector: the viewer takes the records directly
  --dir DIR                    without --once: where journal, keys, store and export are kept,
                               default .tokentrail in the repository
  --collector-port N           default 4318   (a port of 0 takes any free one)
  --viewer-port N              default 4319
  --authorization-server-port N  default 4320
  --api-port N                 default 4321
  --help                       this text
`

function parsePort(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const port = Number(value)
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port
  throw new UsageError(`--${name} must be a port from 0 to 65535, not "${value}"`)
}

const FLAGS = {
  once: { type: 'boolean' },
  out: { type: 'string' },
  embedded: { type: 'boolean' },
  dir: { type: 'string' },
  help: { type: 'boolean' },
  'collector-port': { type: 'string' },
  'viewer-port': { type: 'string' },
  'authorization-server-port': { type: 'string' },
  'api-port': { type: 'string' },
} as const

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/**
 * Parses the command line.
 *
 * @throws {UsageError} For an unknown flag or a bad value
 */
export function parseOptions(args: readonly string[]): QuickstartOptions | 'help' {
  const flags = readFlags(args)
  if (flags.help === true) return 'help'
  const once = flags.once === true
  if (once && flags.out === undefined) {
    throw new UsageError('--once needs --out DIR, the folder that its results go to')
  }
  if (!once && flags.out !== undefined) throw new UsageError('--out goes with --once')
  if (once && flags.dir !== undefined) {
    throw new UsageError('--dir is for the live quick start; --once keeps nothing but --out')
  }
  const ports: Partial<Record<PortName, number>> = {}
  for (const name of PORT_NAMES) {
    const port = parsePort(`${name}-port`, flags[`${name}-port`])
    if (port !== undefined) ports[name] = port
  }
  return { once, out: flags.out, dir: flags.dir, embedded: flags.embedded === true, ports }
}
