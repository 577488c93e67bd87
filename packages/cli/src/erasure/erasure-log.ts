import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  listJournalLogs,
  loadPseudonymKey,
  loadSigningKey,
  openLog,
  readJournalLog,
  resolveExporterOptions,
  type PseudonymKey,
  type SigningKey,
} from '@tokentrail/exporter'
import { ERASURE_CERTIFICATE_TYPE } from '@tokentrail/ledger'
import { CliError } from '../errors.ts'
import type { Io } from '../io.ts'
import { createNamedFile } from '../named-file.ts'
import { dataDirectory, pseudonymKeyFile } from '../pseudonyms.ts'
import { VERSION } from '../version.ts'

/** What a log under an erasure certificate is to say. */
export interface ErasureStatement {
  /** One word, e.g. `subject_request`. */
  readonly reason: string
  readonly kinds: readonly string[]
  readonly pseudonyms: readonly string[]
  /** Pseudonym key whose epoch was destroyed. */
  readonly key?: string
}

/** What became of it. */
export interface RecordedErasure {
  /** Origin of the log. */
  readonly log: string
  readonly delivered: boolean
}

/** The keys that a statement is signed and named by. */
export interface ErasureKeys {
  readonly signing: SigningKey
  readonly pseudonym: PseudonymKey
}

/** Service name of the logs of erasures. */
const SERVICE_NAME = 'tokentrail-erase'
/** Pseudonyms of one record, which ends at 8,000 bytes. */
const PSEUDONYMS_PER_RECORD = 200
/** How long delivery is waited for; less where the receiver refuses or is not there. */
const DELIVERY_MILLIS = 5_000
const REFUSED_MILLIS = 300

/**
 * Reads the keys before anything is erased: the erasure key that `TOKENTRAIL_ERASURE_KEY_FILE`
 * names, else `keys/erasure.jwk.json`; where a deployment has made no key set, its self-made root.
 *
 * @throws {CliError} `ERR_CLI_INPUT` where there is neither
 */
export function loadErasureKeys(io: Io): ErasureKeys {
  const keys = join(dataDirectory(io), 'keys')
  const named = io.env['TOKENTRAIL_ERASURE_KEY_FILE'] || join(keys, 'erasure.jwk.json')
  const selfMade = join(keys, 'signing.jwk.json')
  const file = [named, selfMade].find((candidate) => existsSync(candidate))
  if (file === undefined) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `there is no erasure key at ${named}; set TOKENTRAIL_ERASURE_KEY_FILE to one that ` +
        '"tokentrail keys init" has made',
    )
  }
  const signing = loadSigningKey(file)
  if (file === selfMade && signing.chain !== undefined) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `${selfMade} may certify services, not erasures; set TOKENTRAIL_ERASURE_KEY_FILE`,
    )
  }
  return {
    signing: { ...signing, certificateType: ERASURE_CERTIFICATE_TYPE },
    pseudonym: loadPseudonymKey(pseudonymKeyFile(io)),
  }
}

/**
 * Says in a log of its own, under an erasure certificate, what was erased. It goes through a
 * journal under `TOKENTRAIL_DIR` to the collector like every other log; what is not delivered now
 * is delivered by the next erasure, or by `tokentrail drain`.
 *
 * @param recordFile - File that the log's records are written to as well, as OTLP JSON lines.
 */
export async function recordErasure(
  statement: ErasureStatement,
  keys: ErasureKeys,
  io: Io,
  recordFile?: string,
): Promise<RecordedErasure> {
  const directory = dataDirectory(io)
  const settings = resolveExporterOptions(
    { directory, resource: { 'service.name': SERVICE_NAME, 'service.version': VERSION } },
    io.env,
  )
  const log = openLog({
    settings,
    keys: { ...keys, created: [], warnings: [] },
    recorderVersion: VERSION,
    clock: { unixNanos: () => io.unixNanos() },
  })
  const id = randomUUID()
  for (const pseudonyms of chunk(statement.pseudonyms)) {
    log.append({
      type: 'tokentrail.subject.erased',
      time: io.unixNanos().toString(),
      attributes: { 'tokentrail.erasure.id': id, 'tokentrail.erasure.reason': statement.reason },
      members: {
        kinds: statement.kinds,
        pseudonyms,
        ...(statement.key !== undefined && { key: statement.key }),
      },
    })
  }
  const { origin, lost } = log.state()
  log.close()
  const delivered = log.waitDelivered(DELIVERY_MILLIS, REFUSED_MILLIS)
  await log.shutdown(0)
  if (lost > 0)
    throw new CliError('ERR_CLI_INPUT', `${directory} refuses the record of the erasure`)
  if (recordFile !== undefined) copyLog(directory, origin, recordFile)
  return { log: origin, delivered }
}

function copyLog(directory: string, origin: string, file: string): void {
  const uuid = origin.split('/').at(-1) ?? ''
  const own = listJournalLogs(directory).find((path) => path.endsWith(uuid)) ?? ''
  const logRecords = [...readJournalLog(own)].map(({ json }) => json).join(',')
  const line = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${logRecords}]}]}]}\n`
  createNamedFile('--record', file, line)
}

function chunk(pseudonyms: readonly string[]): readonly (readonly string[])[] {
  const count = Math.max(1, Math.ceil(pseudonyms.length / PSEUDONYMS_PER_RECORD))
  return Array.from({ length: count }, (_, at) =>
    pseudonyms.slice(at * PSEUDONYMS_PER_RECORD, (at + 1) * PSEUDONYMS_PER_RECORD),
  )
}
