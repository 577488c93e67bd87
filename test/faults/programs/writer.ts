/**
 * A process that appends records as fast as it was told and says on stdout which are safe.
 *
 *     writer.ts <options as JSON: WriterOptions>
 *
 * `open <origin>` comes first, then the number of each record of which the log has promised that it
 * survives: in `process` mode when `append` has returned, in `disk` mode when `settled` has
 * resolved. A record that the log counts as lost is `lost <count>` instead. After the last record,
 * or SIGTERM, it shuts its log down: `done <delivered>` comes last, or `unusable <code>` where
 * there can be no log.
 */
import { readSync, writevSync } from 'node:fs'
import { ExporterError, type RecordLog, loadOrCreateKeys, openLog } from '@tokentrail/exporter'
import { faultSettings } from '../support/settings.ts'
import type { WriterOptions } from '../support/writer-process.ts'

const options = JSON.parse(process.argv[2] ?? '') as WriterOptions
const { perTurn = 1, records = Infinity, segmentBytes = 65_536, pauseMillis = 0 } = options
const settings = faultSettings({
  directory: options.directory,
  endpoint: options.endpoint,
  durability: options.durability,
  segmentBytes,
  ...(options.timeoutMillis !== undefined && { timeoutMillis: options.timeoutMillis }),
})
if (options.waits === true) {
  say('ready')
  waitForInput()
}
const log = open()
say(`open ${log.origin}`)
let number = options.first ?? 0
let end = number + records
let isTold = false
process.once('SIGTERM', () => {
  isTold = true
  end = number
})
let lost = 0

/**
 * The pipe takes no more than its reader leaves room for; an acknowledgement must not be skipped.
 * By `writev`, which nothing else here uses: a fault is put into every other call.
 */
function say(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writevSync(1, [rest]))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

/** By `read`, without a stream of Node's own: those have calls that fail, too. */
function waitForInput(): void {
  readSync(0, Buffer.alloc(1))
}

/** Opens the log; where that is impossible the process says why, and ends. */
function open(): RecordLog {
  try {
    return openLog({
      settings,
      keys: loadOrCreateKeys(settings),
      recorderVersion: '0.1.0',
      onHealth: ({ kind, message }) => say(`health ${kind}: ${message}`),
    })
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error
    say(`unusable ${error.code}`)
    process.exit(0)
  }
}

/** Appends one record; gives its number when the log has not counted it as lost. */
function append(): number | undefined {
  const current = number++
  log.append(
    {
      type: 'oauth.request',
      time: `${Date.now()}000000`,
      attributes: { 'http.request.method': 'GET', 'http.route': `/${current}` },
    },
    current % 10 === 0
      ? [{ kind: 'address', issuer: '', pseudonym: `p${current}`, value: `10.0.0.${current}` }]
      : [],
  )
  const before = lost
  lost = log.state().lost
  if (lost === before) return current
  say(`lost ${lost}`)
  return undefined
}

function turn(): void {
  const kept: number[] = []
  for (let count = 0; count < perTurn && number < end; count++) {
    const current = append()
    if (current !== undefined) kept.push(current)
  }
  const settled = log.settled()
  const acknowledge = (): void => {
    if (kept.length > 0) say(kept.join('\n'))
  }
  if (settled === undefined) acknowledge()
  else void settled.then(acknowledge)
  if (number >= end) void finish(settled)
  else if (pauseMillis > 0) setTimeout(turn, pauseMillis)
  else setImmediate(turn)
}

async function finish(settled: Promise<void> | undefined): Promise<void> {
  // Nothing of the log keeps a process alive.
  const alive = setInterval(() => undefined, 1000)
  await settled
  if (options.stays === true && !isTold) return
  say(`done ${await log.shutdown(10_000)}`)
  clearInterval(alive)
}

turn()
