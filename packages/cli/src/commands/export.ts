import { parseCommandArgs } from '../args.ts'
import type { Command } from '../command.ts'
import { classifyStore } from '../erasure/stores.ts'
import { readSubject } from '../erasure/subject.ts'
import { collectSubject, listSubject } from '../erasure/subject-access.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { dataDirectory } from '../pseudonyms.ts'

const HELP = `Usage: tokentrail export --user VALUE --issuer URL [STORE...] [options]
       tokentrail export --pseudonym P... [STORE...]

Writes everything that is held about a subject (GDPR article 15) to standard output: one JSON text a
line, each record and each identity once. Records are the subject's own, those of its sessions, and
those made with its tokens; identities are the clear values behind the pseudonyms in them.

  STORE            a TOKENTRAIL_DIR, a viewer's store, files or folders of an export; default is
                   TOKENTRAIL_DIR (.tokentrail)
  --user VALUE     the subject ("sub") as the issuer names it; "-" reads it from standard input
  --issuer URL     who names it so
  --pseudonym P    the subject's pseudonym (user.hash) instead; repeat for several
  --help

Exit code 0: all of the input was searched; 1: parts of it could not be read, or nothing is held.

Example:
  tokentrail export --user alice --issuer https://as.example.com .tokentrail > alice.ndjson
`

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help'],
    values: ['user', 'issuer', 'pseudonym'],
  })
  const subject = await readSubject(flags, io)
  const paths = positionals.length > 0 ? positionals : [dataDirectory(io)]
  const stores = paths.flatMap(classifyStore)
  const unreadable = new Set<string>()
  const found = await collectSubject(stores, subject.pseudonyms, (file) => unreadable.add(file))
  let lines = 0
  for await (const text of listSubject(stores, found)) {
    io.out(`${text}\n`)
    lines += 1
  }
  for (const file of unreadable) io.err(`tokentrail export: parts of ${file} cannot be read`)
  if (lines === 0) io.err('tokentrail export: nothing is held about this subject')
  return unreadable.size > 0 || lines === 0 ? EXIT_FAILURE : EXIT_OK
}

/** `tokentrail export`. */
export const exportSubject: Command = {
  name: 'export',
  summary: 'write everything that is held about a subject',
  help: HELP,
  run,
}
