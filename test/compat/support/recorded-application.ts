import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, type Program, startProgram } from '../../e2e/support/program.ts'
import { startOtlpSink } from '../../e2e/support/otlp-sink.ts'

/** A record's canonical text, parsed. */
export interface DeliveredRecord {
  readonly type: string
  readonly session?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

/** An application that is recorded, in a process of its own. */
export interface RecordedApplication {
  readonly url: string
  /** Ends it by SIGTERM, which seals the log and delivers it; gives everything that was recorded. */
  stop(): Promise<RecordedRun>
  /** Kills it, if it still runs, and removes what it wrote. */
  close(): Promise<void>
}

/** What came of an application that has ended. */
export interface RecordedRun {
  readonly ended: Ended
  readonly output: string
  /** In the order of the log; identity records apart. */
  readonly records: readonly DeliveredRecord[]
  readonly identities: readonly DeliveredRecord[]
  /** Records of requests, accepted or refused. */
  readonly requests: readonly DeliveredRecord[]
  /** Every text that was delivered, as it was. */
  readonly texts: readonly string[]
}

/** How an application is started. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Flags for Node. Default is the preload alone; an empty list starts without recording. */
  readonly flags?: readonly string[]
  /** Node that runs it. Default is the one of the test. */
  readonly node?: string
}

export const PRELOAD: string = import.meta.resolve('../../../packages/node/dist/register.js')
export const LIBRARIES: string = fileURLToPath(new URL('../../libraries/', import.meta.url))

/**
 * Starts an application of `test/libraries`. It prints `served on <port>` once it listens.
 *
 * @param file - Below `test/libraries`, e.g. `jose-4/esm.mjs`.
 */
export async function startApplication(
  file: string,
  options: StartOptions = {},
): Promise<RecordedApplication> {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-compat-'))
  const texts: string[] = []
  const sink = await startOtlpSink(join(folder, 'received.jsonl'), (text) => texts.push(text))
  const env = {
    TOKENTRAIL_DIR: join(folder, 'recorded'),
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    OTEL_SERVICE_NAME: 'fixture',
    ...options.env,
  }
  const flags = options.flags ?? ['--import', PRELOAD]
  const program = startProgram([...flags, join(LIBRARIES, file)], {
    cwd: folder,
    env,
    ...(options.node === undefined ? {} : { node: options.node }),
  })
  const close = async (): Promise<void> => {
    await program.end('SIGKILL')
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [, port] = await program.prints(/served on (\d+)/)
    const url = `http://127.0.0.1:${port}`
    return { url, close, stop: () => stopApplication(program, texts) }
  } catch (error) {
    await close()
    throw error
  }
}

async function stopApplication(program: Program, texts: readonly string[]): Promise<RecordedRun> {
  const ended = await program.end('SIGTERM')
  // Resent records are equal; one of each is enough.
  const all = [...new Set(texts)].map((text) => JSON.parse(text) as DeliveredRecord)
  const records = all.filter(({ type }) => type !== 'tokentrail.identity')
  return {
    ended,
    output: program.output(),
    records,
    identities: all.filter(({ type }) => type === 'tokentrail.identity'),
    requests: records.filter(({ type }) => /^oauth\.request(?:\.rejected)?$/.test(type)),
    texts: [...texts],
  }
}
