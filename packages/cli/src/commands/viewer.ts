import { formatVerifierKey } from '@tokentrail/ledger'
import { startViewer } from '@tokentrail/viewer'
import { parseCommandArgs, valueOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { readRegistryFile } from '../registry/registry-file.ts'

const HELP = `Usage: tokentrail viewer [options]

Starts the viewer: it receives records over OTLP/HTTP (JSON), keeps them, and shows sessions,
refusals and proofs live on a page on the loopback address. Ctrl-C ends it.

  --port N          default 4319; 0 takes any free port
  --endpoint URL    OTLP/HTTP endpoint of a collector that the derived session records go to;
                    default is the viewer itself
  --registry FILE   also run the deployment's registry, as FILE (JSON) describes it
  --help

Environment: TOKENTRAIL_DIR (default .tokentrail) holds the store and the keys. Share
keys/pseudonym.jwk.json and keys/signing.jwk.json with the services whose users and logs the
viewer is to recognise.

Examples:
  tokentrail viewer
  tokentrail viewer --port 0 --registry registry.json
`

function parsePort(flags: Flags): number | undefined {
  const value = valueOf(flags, 'port')
  if (value === undefined) return undefined
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new CliError('ERR_CLI_USAGE', `--port must be a number from 0 to 65535, not "${value}"`)
}

function parseEndpoint(flags: Flags): string | undefined {
  const value = valueOf(flags, 'endpoint')
  if (value === undefined) return undefined
  const protocol = URL.parse(value)?.protocol
  if (protocol === 'http:' || protocol === 'https:') return value
  throw new CliError('ERR_CLI_USAGE', '--endpoint must be an http:// or https:// URL')
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help'],
    values: ['port', 'endpoint', 'registry'],
  })
  if (positionals.length > 0) {
    throw new CliError('ERR_CLI_USAGE', `unexpected argument "${positionals[0]}"`)
  }
  const port = parsePort(flags)
  const endpoint = parseEndpoint(flags)
  const file = valueOf(flags, 'registry')
  const described = file === undefined ? {} : readRegistryFile(file)
  const viewer = await startViewer({
    ...described,
    ...(port !== undefined && { port }),
    ...(endpoint !== undefined && { endpoint }),
  })
  io.out(`viewer: ${viewer.url}\nOTLP/HTTP logs: ${viewer.otlpUrl}\n`)
  if (viewer.registry !== undefined) {
    const { url, registry } = viewer.registry
    io.out(`registry: ${url}\nlog ${formatVerifierKey(registry.log.signer.key)} ${url}\n`)
  }
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await viewer.close()
  return EXIT_OK
}

/** `tokentrail viewer`. */
export const viewer: Command = {
  name: 'viewer',
  summary: 'receive records and show them live',
  help: HELP,
  run,
}
