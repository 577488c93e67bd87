import { parseCommandArgs, valueOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { buildDeleteQuery, type SearchCluster } from '../erasure/elasticsearch.ts'
import { eraseSubject, type Erased } from '../erasure/erase-subject.ts'
import { loadErasureKeys, recordErasure, type RecordedErasure } from '../erasure/erasure-log.ts'
import { classifyStore } from '../erasure/stores.ts'
import { readSubject } from '../erasure/subject.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { checkNewFile } from '../named-file.ts'
import { formatTable } from '../output/table.ts'
import { escapeUnprintable, formatJson } from '../output/unprintable.ts'
import { dataDirectory } from '../pseudonyms.ts'

const HELP = `Usage: tokentrail erase --user VALUE --issuer URL [STORE...] [options]
       tokentrail erase --pseudonym P... [STORE...] [options]

Erases who somebody is. Evidence holds pseudonyms; what they stand for travels in identity records
beside it. Those of the subject are deleted: the subject itself, its sessions, and addresses and
user agents that nobody else has used. That it was done is recorded (subject.erased, no clear
value) in a log under an erasure certificate. No proof is touched: every export still verifies.

  STORE            a TOKENTRAIL_DIR (its journal, delivered, parked and torn records included, and
                   the viewer's store in it), a viewer's store, files or folders of an export;
                   default is TOKENTRAIL_DIR (.tokentrail). Services and the viewer may run.
  --user VALUE     the subject ("sub") as the issuer names it; "-" reads it from standard input, so
                   that it does not stay in the shell's history
  --issuer URL     who names it so
  --pseudonym P    the subject's pseudonym (user.hash) instead; repeat for several
  --rewrite        write exports anew; without it they are only looked at
  --shared         also erase addresses and user agents that others have used
  --elasticsearch URL        delete by query in Elasticsearch or OpenSearch, with the Authorization
                             header of TOKENTRAIL_ELASTICSEARCH_AUTHORIZATION
  --elasticsearch-index P    index pattern, default *tokentrail*
  --elasticsearch-query      only print the query
  --reason WORD    default subject_request
  --record FILE    also write the log of the erasure to FILE
  --dry-run        only say what would be erased
  --json
  --help

The keys: every pseudonym key of TOKENTRAIL_DIR/keys (TOKENTRAIL_PSEUDONYM_KEY_FILE), and the
erasure key (TOKENTRAIL_ERASURE_KEY_FILE, else keys/erasure.jwk.json).

Exit code 0: nothing is left in what was named; 1: something is, and it is said what and why.

Examples:
  tokentrail erase --user alice --issuer https://as.example.com --dry-run
  tokentrail erase --user - --issuer https://as.example.com .tokentrail export/ --rewrite < user
`

/** What this command cannot reach; said every time, because silence would be taken for "all". */
const NOT_REACHED = [
  'collectors: what waits in a persistent queue is delivered as it is. Erase again when it is empty.',
  'Splunk: "| delete" hides events and removes no byte. Keep the identity route out of it, or give it a short retention.',
  'S3 under Object Lock, and other WORM: identity records must never go there. If they did: "tokentrail keys destroy-epoch" makes all pseudonyms of the epoch unjoinable; it does not blank a clear value.',
  'backups, and whatever was copied elsewhere: name it, or let it expire.',
]

function clusterOf(flags: Flags, io: Io): SearchCluster | undefined {
  const url = valueOf(flags, 'elasticsearch')
  if (url === undefined) return undefined
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') {
    throw new CliError(
      'ERR_CLI_USAGE',
      '--elasticsearch must be an http:// or https:// URL without user and password',
    )
  }
  return {
    url,
    index: valueOf(flags, 'elasticsearch-index') ?? '*tokentrail*',
    authorization: io.env['TOKENTRAIL_ELASTICSEARCH_AUTHORIZATION'],
  }
}

function reasonOf(flags: Flags): string {
  const reason = valueOf(flags, 'reason') ?? 'subject_request'
  if (/^[a-z][a-z0-9_]{0,63}$/.test(reason)) return reason
  throw new CliError(
    'ERR_CLI_USAGE',
    '--reason must be one word of lower-case letters, digits and "_": it becomes evidence',
  )
}

function formatErased(erased: Erased, recorded: RecordedErasure | undefined): string {
  const { places, kept, sharedKept, kinds, pseudonyms } = erased
  const would = recorded === undefined ? 'would be ' : ''
  const total = places.reduce((sum, { identities }) => sum + identities, 0)
  const rows = places.map(({ place, identities, how }) => [place, String(identities), how])
  const parts = [
    rows.length > 0 ? formatTable(['PLACE', 'IDENTITIES', 'HOW'], rows) : '',
    `${total} identity records of ${pseudonyms.length} pseudonyms (${kinds.join(', ')}) ${would}erased.\n`,
    sharedKept > 0
      ? `${sharedKept} addresses, user agents or sessions stay, because others used them too (--shared).\n`
      : '',
    ...kept.map(({ place, reason }) => `NOT ERASED  ${place}: ${escapeUnprintable(reason)}\n`),
    recorded === undefined
      ? ''
      : `Recorded in the log ${recorded.log}${recorded.delivered ? '' : ', not delivered yet'}.\n`,
    `\nNot reached by this command:\n${NOT_REACHED.map((line) => `  ${line}\n`).join('')}`,
  ]
  return parts.filter((part) => part !== '').join('')
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json', 'dry-run', 'rewrite', 'shared', 'elasticsearch-query'],
    values: [
      'user',
      'issuer',
      'pseudonym',
      'reason',
      'record',
      'elasticsearch',
      'elasticsearch-index',
    ],
  })
  const reason = reasonOf(flags)
  const cluster = clusterOf(flags, io)
  const subject = await readSubject(flags, io)
  if (flags['elasticsearch-query'] === true) {
    io.out(formatJson(buildDeleteQuery(subject.pseudonyms)))
    return EXIT_OK
  }
  const dryRun = flags['dry-run'] === true
  const record = valueOf(flags, 'record')
  // Before anything is erased, for it cannot be done again.
  if (record !== undefined && !dryRun) checkNewFile('--record', record)
  const paths = positionals.length > 0 ? positionals : [dataDirectory(io)]
  const stores = paths.flatMap(classifyStore)
  // Before anything is erased: what was done must be said.
  const keys = dryRun ? undefined : loadErasureKeys(io)
  const erased = await eraseSubject({
    subject,
    stores,
    dryRun,
    rewrite: flags['rewrite'] === true,
    shared: flags['shared'] === true,
    ...(cluster !== undefined && { cluster }),
  })
  const { kinds, pseudonyms, kept } = erased
  const recorded = keys && (await recordErasure({ reason, kinds, pseudonyms }, keys, io, record))
  if (flags['json'] === true) io.out(formatJson({ ...erased, recorded, notReached: NOT_REACHED }))
  else io.out(formatErased(erased, recorded))
  return kept.length > 0 ? EXIT_FAILURE : EXIT_OK
}

/** `tokentrail erase`. */
export const erase: Command = {
  name: 'erase',
  summary: 'erase who a subject is, and record that it was done',
  help: HELP,
  run,
}
