import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createKeyFile, generateSigningJwk } from '@tokentrail/exporter'
import { formatVerifierKey } from '@tokentrail/ledger'
import { openWitness, type Witness } from '@tokentrail/viewer'
import { parseCommandArgs, valueOf } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatKey, readKeyJson } from '../keys/key-set.ts'
import { readPolicyFile } from '../registry/registry-file.ts'

const HELP = `Usage: tokentrail witness DIR --name NAME --policy FILE [options]

Runs a small witness (C2SP tlog-witness): it cosigns the heads of the logs that it knows, each only
when it follows from the one before, and keeps it before it answers. Whoever rewrites, forks or
rolls back a registry is refused by it, and its cosigned head contradicts him. It proves something
only when a second party runs it: another team, an auditor, a customer.

  DIR              folder of its key and of what it has cosigned; made where it is not there
  --name NAME      its name, like a URL without a scheme: witness.example.com/tokentrail
  --policy FILE    C2SP tlog-policy whose "log" lines name the logs (a registry's key is printed by
                   "tokentrail viewer --registry")
  --host HOST      default 127.0.0.1
  --port N         default 4324; 0 takes any free port
  --help

It prints the "witness" line for the registry's own policy.

Examples:
  tokentrail witness witness/ --name witness.example.com/tokentrail --policy logs.txt
`

function parsePort(value: string | undefined): number {
  if (value === undefined) return 4324
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new CliError('ERR_CLI_USAGE', `--port must be a number from 0 to 65535, not "${value}"`)
}

/** Made once, and used for nothing else: an Ed25519 cosignature does not name its cosigner. */
function loadSeed(folder: string): Uint8Array {
  const file = join(folder, 'witness.jwk.json')
  createKeyFile(file, formatKey(generateSigningJwk()))
  const { d } = readKeyJson(file)
  const seed = Buffer.from(typeof d === 'string' ? d : '', 'base64url')
  if (seed.length === 32) return seed
  throw new CliError('ERR_CLI_INPUT', `the key file ${file} is no private Ed25519 JWK`)
}

async function serve(witness: Witness, host: string, port: number, io: Io): Promise<void> {
  const server = createServer((request, response) => {
    witness.handle(request, response).catch(() => {
      io.err('tokentrail witness: a request failed; its head was not kept')
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 20_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new CliError('ERR_CLI_INPUT', `port ${port} cannot be bound (${code})`)),
    )
    server.listen({ host, port }, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
  io.out(`witness: ${url}\nwitness W ${formatVerifierKey(witness.cosigner.key)} ${url}\n`)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help'],
    values: ['name', 'policy', 'host', 'port'],
  })
  const [folder, extra] = positionals
  const name = valueOf(flags, 'name')
  const policy = valueOf(flags, 'policy')
  if (folder === undefined || folder === '' || name === undefined || policy === undefined) {
    throw new CliError('ERR_CLI_USAGE', 'name a folder, --name and --policy')
  }
  if (extra !== undefined) throw new CliError('ERR_CLI_USAGE', `unexpected argument "${extra}"`)
  if (!/^[\w.:/-]{1,200}$/.test(name)) {
    throw new CliError('ERR_CLI_USAGE', '--name must be letters, digits and "._:/-"')
  }
  const port = parsePort(valueOf(flags, 'port'))
  const { logs } = readPolicyFile('--policy', policy)
  if (logs.length === 0) throw new CliError('ERR_CLI_INPUT', `--policy ${policy} names no log`)
  const witness = openWitness({
    path: join(folder, 'witness.sqlite'),
    name,
    seed: loadSeed(folder),
    logs,
    nowSeconds: () => io.unixNanos() / 1_000_000_000n,
  })
  try {
    await serve(witness, valueOf(flags, 'host') ?? '127.0.0.1', port, io)
  } finally {
    witness.close()
  }
  return EXIT_OK
}

/** `tokentrail witness`. */
export const witness: Command = {
  name: 'witness',
  summary: 'cosign the heads of a registry that somebody else runs',
  help: HELP,
  run,
}
