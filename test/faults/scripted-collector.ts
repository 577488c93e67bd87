/**
 * A receiver that answers in every wrong way, then accepts: whatever it did, every record arrives
 * in order, or a signed record says which one was refused.
 *
 *     node test/faults/scripted-collector.ts
 */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { type RecordLog, loadOrCreateKeys, openLog } from '@tokentrail/exporter'
import type { Arrivals } from './support/arrivals.ts'
import { inFolder } from './support/folder.ts'
import { findUndelivered, fsckAll, verifyFile } from './support/inspect.ts'
import { type Outcome, runLongForm } from './support/long-form.ts'
import { ACCEPT, type Script, type ScriptedRequest, startReceiver } from './support/receiver.ts'
import { faultSettings } from './support/settings.ts'
import { until } from './support/until.ts'

/** How a receiver behaves. */
export interface Behaviour {
  readonly name: string
  /** Reacts to a request while it misbehaves. */
  readonly misbehave: Script
  /** Requests until it behaves; `Infinity` when it never does, because one record is at fault. */
  readonly requests: number
  /** How many records may be refused for good, each of them named by a signed record. */
  readonly refused?: number
}

const RECORDS = 20
/** Much shorter than what a slow receiver takes. */
const TIMEOUT_MILLIS = 300
/** The one that a receiver cannot stand. */
const POISON = '"http.route":"/7"'

const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Script =>
  ({ response }) => {
    response.writeHead(status, headers).end(body)
    return undefined
  }

/** Every form of Retry-After: seconds, dates, and what is neither. */
const RETRY_AFTER = [
  '0',
  '1',
  '-1',
  '1.5',
  '99999999999999999999',
  'soon',
  '',
  'Wed, 21 Oct 2015 07:28:00 GMT',
  'Fri, 31 Dec 9999 23:59:59 GMT',
]

/** Accepts everything but the poison record, whose whole request it answers in some other way. */
const poisoned =
  (refuse: Script): Script =>
  (scripted: ScriptedRequest) => {
    const isPoisoned = scripted.records.some(({ text }) => text.includes(POISON))
    return isPoisoned ? refuse(scripted) : 200
  }

const partly: Script = answer(
  200,
  { 'content-type': 'application/json' },
  '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}',
)

/** Sends the head at once and the body byte by byte, for longer than anybody waits. */
const slowly: Script = ({ response }) => {
  response.writeHead(200, { 'content-length': '1000' })
  const timer = setInterval(() => response.write(' '), TIMEOUT_MILLIS / 5)
  response.on('close', () => clearInterval(timer))
  return undefined
}

export const BEHAVIOURS: readonly Behaviour[] = [
  ...[429, 503].flatMap((status) =>
    RETRY_AFTER.map((value) => ({
      name: `${status} with Retry-After "${value}"`,
      misbehave: answer(status, { 'retry-after': value }),
      requests: 1,
    })),
  ),
  ...[400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504, 418, 301, 304].map((status) => ({
    name: `${status}, three times`,
    misbehave: answer(status),
    requests: 3,
  })),
  { name: 'partial success, three times', misbehave: partly, requests: 3 },
  { name: '200 with a page', misbehave: answer(200, {}, '<html>'), requests: 3 },
  { name: '200 with half an object', misbehave: answer(200, {}, '{"partialSucc'), requests: 2 },
  {
    name: '200 with 1 MiB of garbage',
    misbehave: answer(200, {}, 'x'.repeat(1 << 20)),
    requests: 2,
  },
  {
    name: 'a reset before the answer',
    misbehave: ({ request }) => void request.socket.resetAndDestroy(),
    requests: 3,
  },
  {
    name: 'a reset in the middle of the body',
    misbehave: ({ request, response }) => {
      response.writeHead(200, { 'content-length': '10' }).write('{')
      setImmediate(() => request.socket.resetAndDestroy())
      return undefined
    },
    requests: 3,
  },
  {
    name: 'a reset after records were taken',
    misbehave: ({ request }) => void request.socket.resetAndDestroy(),
    requests: 1,
  },
  { name: 'no answer at all', misbehave: () => undefined, requests: 2 },
  { name: 'a body that comes byte by byte', misbehave: slowly, requests: 2 },
  ...[400, 413, 422, 500].map((status) => ({
    name: `a record that is answered ${status}`,
    misbehave: poisoned(answer(status)),
    requests: Infinity,
    refused: 1,
  })),
  {
    name: 'a record that partial success rejects',
    misbehave: poisoned(partly),
    requests: Infinity,
    refused: 1,
  },
]

/** Records before such a receiver; gives what broke a promise. */
export function tryBehaviour(behaviour: Behaviour): Promise<string[]> {
  const { misbehave, name, refused = 0, requests } = behaviour
  return inFolder(async (directory) => {
    const file = join(directory, 'export.jsonl')
    const receiver = await startReceiver(file)
    receiver.script = (scripted) =>
      receiver.requests <= requests ? misbehave(scripted) : ACCEPT(scripted)
    const settings = faultSettings({
      directory,
      endpoint: receiver.url,
      timeoutMillis: TIMEOUT_MILLIS,
    })
    const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
    const acknowledged = new Set<number>()
    for (let number = 0; number < RECORDS; number++) {
      log.append({
        type: 'oauth.request',
        time: `${Date.now()}000000`,
        attributes: { 'http.request.method': 'GET', 'http.route': `/${number}` },
      })
      acknowledged.add(number)
    }
    const problems: string[] = []
    const { arrivals } = receiver
    const isSaid = (): boolean =>
      (arrivals.types.get('tokentrail.delivery.rejected') ?? 0) >= refused
    const isDone = async (): Promise<boolean> => (await log.flush(100)) && isSaid()
    try {
      // A receiver may ask for minutes of patience; an operator who flushes has none.
      for (let attempt = 0; !(await isDone()); attempt++) {
        if (attempt === 200) throw new Error(`${log.state().undeliveredBytes} bytes undelivered`)
      }
      await log.shutdown(10_000)
      await until('the last records', () => log.state().undeliveredBytes === 0)
    } catch (error) {
      problems.push(String(error))
      await log.shutdown(0)
    }
    const { lost } = log.state()
    if (lost > 0) problems.push(`${lost} records lost`)
    const promised = [{ origin: log.origin, acknowledged }]
    const found = [
      ...arrivals.problems,
      ...findUndelivered(arrivals, promised),
      ...(await verifyFile(directory, file)),
    ]
    problems.push(...(refused === 0 ? found : judgeRefusal(found, log, arrivals, directory)))
    problems.push(...fsckAll(directory))
    await receiver.close()
    return problems.map((problem) => `${name}: ${problem}`)
  })
}

/** The poison record is absent, and nothing else is; it is kept, and said in the log. */
function judgeRefusal(
  found: readonly string[],
  { origin }: RecordLog,
  arrivals: Arrivals,
  directory: string,
): string[] {
  const uuid = origin.split('/').at(-1) ?? ''
  const parked = readFileSync(
    join(directory, 'journal', 'orders', 'slot-0', uuid, 'rejected.ndjson'),
    'utf8',
  )
    .trim()
    .split('\n')
  const [record = ''] = parked
  const index = Number(/"index":(\d+)/.exec(record.replaceAll('\\"', '"'))?.[1])
  const said = arrivals.types.get('tokentrail.delivery.rejected')
  const expected = [
    `${origin} ${index + 1} came where ${index} was due`,
    `${origin}: 1 acknowledged records absent, first 7`,
    'verdict: MISSING',
  ]
  const place = `"verdict":"MISSING","log":"${origin}","index":${index},`
  return [
    ...expected.filter((problem) => !found.includes(problem)).map((line) => `not found: ${line}`),
    ...found.filter((problem) => !expected.includes(problem) && !problem.includes(place)),
    ...(parked.length === 1 && record.includes('/7') ? [] : [`parked: ${parked.join()}`]),
    ...(said === 1 ? [] : [`said ${said} times`]),
  ]
}

export async function tryEveryBehaviour(): Promise<Outcome> {
  const problems: string[] = []
  for (const behaviour of BEHAVIOURS) problems.push(...(await tryBehaviour(behaviour)))
  return { figures: `scripted collector: ${BEHAVIOURS.length} behaviours`, problems }
}

/** A receiver that cannot even be found: everything is kept, and goes to the one named later. */
export function tryWithoutName(): Promise<string[]> {
  return inFolder(async (directory) => {
    const file = join(directory, 'export.jsonl')
    const options = { directory, timeoutMillis: TIMEOUT_MILLIS }
    const lost = faultSettings({ ...options, endpoint: 'http://collector.invalid/v1/logs' })
    const keys = loadOrCreateKeys(lost)
    const first = openLog({ settings: lost, keys, recorderVersion: '0.1.0' })
    first.append({
      type: 'oauth.request',
      time: `${Date.now()}000000`,
      attributes: { 'http.route': '/0' },
    })
    await until('the failure is told', () => first.state().blocked !== undefined)
    await first.shutdown(0)
    const receiver = await startReceiver(file)
    const found = faultSettings({ ...options, endpoint: receiver.url })
    const second = openLog({ settings: found, keys, recorderVersion: '0.1.0' })
    await until('the backlog arrives', () => receiver.arrivals.logOf(first.origin).numbers.has(0))
    await until('all of it', () => second.state().undeliveredBytes === 0)
    await second.shutdown(10_000)
    await receiver.close()
    return [
      ...receiver.arrivals.problems,
      ...fsckAll(directory),
      ...(await verifyFile(directory, file)),
    ]
  })
}

if (import.meta.main) {
  await runLongForm(async () => {
    const { figures, problems } = await tryEveryBehaviour()
    return { figures, problems: [...problems, ...(await tryWithoutName())] }
  })
}
