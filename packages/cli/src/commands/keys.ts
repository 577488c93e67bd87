import { parseCommandArgs, valueOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { destroyEpoch } from '../keys/destroy-epoch.ts'
import { initKeys } from '../keys/init-keys.ts'
import { formatSecret } from '../keys/kubernetes-secret.ts'
import { listKeys, type ListedKey } from '../keys/list-keys.ts'
import { expireEpoch, ROTATABLE, rotateKey, type RotatableKey } from '../keys/rotate-keys.ts'
import { checkNewFile, createNamedFile } from '../named-file.ts'
import { formatTable } from '../output/table.ts'
import { formatJson } from '../output/unprintable.ts'

const HELP = `Usage: tokentrail keys init DIR --name NAME [--mounted] [--kubernetes FILE]
       tokentrail keys list DIR [--json]
       tokentrail keys rotate DIR KEY
       tokentrail keys expire DIR --epoch N
       tokentrail keys destroy-epoch DIR --epoch N --yes

Makes and tends the keys of a deployment. Without them every service makes its own at its first
start, and a verifier calls its logs "self-issued". No command prints a secret.

  root-private   certifies the keys below, for a year or more. Used by "init" and "rotate" only:
                 keep it in a safe, not on a server.
  root           its public part. A verifier needs nothing else:  tokentrail verify --root
  registry       signs the registry's own log, whose key lasts.
  instance       certifies the log of each process for a day. Held by the registry's signing
                 endpoint alone; with --mounted by the services themselves, which need no registry
                 then, but any of which could back-date a log: logs stay "self-issued".
  erasure        certifies the logs of "tokentrail erase". Held by those who may erase.
  pseudonym      turns users, addresses and sessions into pseudonyms. One for a fleet. A new epoch
                 gives every user a new pseudonym; the old key is kept to find the old ones.

init             makes each file once, mode 0600, and keeps what is there
  --name NAME        name of the deployment, e.g. its domain; the registry's origin is NAME/registry
  --mounted          the services hold the instance key
  --kubernetes FILE  also writes one Secret (YAML, mode 0600) without root-private and erasure
  --secret NAME      its name, default tokentrail-keys
  --namespace NAME   its namespace
list             ids, epochs and ends of certificates; exit code 1 when one needs attention
rotate KEY       ${ROTATABLE.join(', ')}
expire           takes an epoch of the pseudonym key out of use, if it is; its key is kept, so that
                 its pseudonyms are still found
destroy-epoch    the erasure of last resort, for copies that cannot be deleted (S3 Object Lock,
                 Splunk): without its key the pseudonyms of an epoch, all of them, can be
                 recomputed, searched and joined by nobody. It cannot be undone. It does not blank
                 clear values that a copy of an identity record still holds. It is recorded
                 (subject.erased) under the erasure key.
  --epoch N          the epoch; one that is in use is rotated away first
  --yes              says that you mean it
  --help

Examples:
  tokentrail keys init keys/ --name example.com --kubernetes secret.yaml
  tokentrail keys rotate keys/ pseudonym
`

const ATTENTION_SECONDS = 30 * 86_400

function secondsOf(io: Io): number {
  return Number(io.unixNanos() / 1_000_000_000n)
}

function checkName(option: string, value: string, pattern: RegExp, wanted: string): string {
  if (pattern.test(value)) return value
  throw new CliError('ERR_CLI_USAGE', `--${option} must be ${wanted}`)
}

function runInit(folder: string, flags: Flags, io: Io): number {
  const name = valueOf(flags, 'name')
  if (name === undefined) {
    throw new CliError('ERR_CLI_USAGE', 'name the deployment with --name, e.g. example.com')
  }
  const manifest = valueOf(flags, 'kubernetes')
  if (manifest !== undefined) checkNewFile('--kubernetes', manifest)
  const { paths, created } = initKeys({
    folder,
    name: checkName('name', name, /^[\w.:/-]{1,200}$/, 'letters, digits and "._:/-"'),
    mounted: flags['mounted'] === true,
    now: secondsOf(io),
  })
  for (const file of created) io.out(`made ${file}\n`)
  if (created.length === 0) io.out(`every key of ${folder} was there already\n`)
  if (manifest !== undefined) writeSecret(manifest, paths, flags, io)
  io.out(`\nNow move ${paths.rootPrivate} to a safe place, and give ${paths.root} to verifiers.\n`)
  return EXIT_OK
}

function writeSecret(
  manifest: string,
  paths: Parameters<typeof formatSecret>[0],
  flags: Flags,
  io: Io,
): void {
  const dnsName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
  const wanted = 'a Kubernetes name (lower-case letters, digits, "-", ".")'
  const namespace = valueOf(flags, 'namespace')
  const secret = formatSecret(paths, {
    name: checkName('secret', valueOf(flags, 'secret') ?? 'tokentrail-keys', dnsName, wanted),
    namespace:
      namespace === undefined ? undefined : checkName('namespace', namespace, dnsName, wanted),
  })
  createNamedFile('--kubernetes', manifest, secret)
  io.out(`made ${manifest} (it holds secrets; apply it, then delete it)\n`)
}

async function runList(folder: string, flags: Flags, io: Io): Promise<number> {
  const now = secondsOf(io)
  const keys = await listKeys(folder, now)
  if (keys.length === 0) throw new CliError('ERR_CLI_INPUT', `there is no key in ${folder}`)
  if (flags['json'] === true) io.out(formatJson({ keys }))
  else io.out(formatKeys(keys, now))
  return keys.some(({ problem }) => problem !== undefined) ? EXIT_FAILURE : EXIT_OK
}

function formatKeys(keys: readonly ListedKey[], now: number): string {
  return formatTable(
    ['KEY', 'FOR', 'ID', 'EPOCH', 'EXPIRES', 'STATE'],
    keys.map(({ key, use, id, epoch, expires, problem }) => [
      key,
      use,
      id,
      epoch === undefined ? '-' : String(epoch),
      expires === undefined ? '-' : new Date(expires * 1000).toISOString().slice(0, 10),
      problem ?? (expires !== undefined && expires - now < ATTENTION_SECONDS ? 'ends soon' : 'ok'),
    ]),
  )
}

function runRotate(folder: string, key: string | undefined, io: Io): number {
  const known = ROTATABLE.find((name) => name === key)
  if (known === undefined) {
    throw new CliError('ERR_CLI_USAGE', `name the key to rotate: ${ROTATABLE.join(', ')}`)
  }
  for (const sentence of rotateKey(folder, known satisfies RotatableKey, secondsOf(io))) {
    io.out(`${sentence}\n`)
  }
  return EXIT_OK
}

function epochOf(flags: Flags): number {
  const epoch = Number(valueOf(flags, 'epoch'))
  if (Number.isSafeInteger(epoch) && epoch >= 1) return epoch
  throw new CliError('ERR_CLI_USAGE', 'name the epoch with --epoch, e.g. --epoch 1')
}

function runExpire(folder: string, flags: Flags, io: Io): number {
  for (const sentence of expireEpoch(folder, epochOf(flags), secondsOf(io))) {
    io.out(`${sentence}\n`)
  }
  return EXIT_OK
}

async function runDestroy(folder: string, flags: Flags, io: Io): Promise<number> {
  const epoch = epochOf(flags)
  if (flags['yes'] !== true) {
    throw new CliError(
      'ERR_CLI_USAGE',
      `destroying epoch ${epoch} cannot be undone and concerns every user of it; add --yes`,
    )
  }
  for (const sentence of await destroyEpoch(folder, epoch, io)) io.out(`${sentence}\n`)
  return EXIT_OK
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json', 'mounted', 'yes'],
    values: ['name', 'kubernetes', 'secret', 'namespace', 'epoch'],
  })
  const [action, folder, key, ...others] = positionals
  const extra = action === 'rotate' ? others[0] : key
  if (extra !== undefined) throw new CliError('ERR_CLI_USAGE', `unexpected argument "${extra}"`)
  if (action === undefined || folder === undefined || folder === '') {
    throw new CliError('ERR_CLI_USAGE', 'say what to do and where, e.g. "list keys/"')
  }
  switch (action) {
    case 'init':
      return runInit(folder, flags, io)
    case 'list':
      return runList(folder, flags, io)
    case 'rotate':
      return runRotate(folder, key, io)
    case 'expire':
      return runExpire(folder, flags, io)
    case 'destroy-epoch':
      return runDestroy(folder, flags, io)
    default:
      throw new CliError(
        'ERR_CLI_USAGE',
        `unknown action "${action}"; there are init, list, rotate, expire, destroy-epoch`,
      )
  }
}

/** `tokentrail keys`. */
export const keys: Command = {
  name: 'keys',
  summary: 'make, list and rotate the keys of a deployment',
  help: HELP,
  run,
}
