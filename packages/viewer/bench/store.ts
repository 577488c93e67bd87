// Run: node --conditions=@tokentrail/source packages/viewer/bench/store.ts [records]
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSearchQuery } from '../src/search/query.ts'
import { searchRecords } from '../src/search/search-records.ts'
import { searchSessions } from '../src/search/search-sessions.ts'
import { parseSessionQuery } from '../src/search/session-query.ts'
import { openStore, type IncomingText, type Store } from '../src/store/store.ts'
import { generateTexts, pseudonym, type Load } from './records.ts'

const BATCH = 500
const load: Load = {
  records: Number(process.argv[2] ?? 1_000_000),
  users: 20_000,
  clients: 25,
  routes: 60,
  logs: 8,
}
let worstMillis = 0
let worst = ''
const directory = mkdtempSync(join(tmpdir(), 'viewer-bench-'))
try {
  const path = join(directory, 'store.sqlite')
  measureIngest(path)
  measureSearch(path)
} finally {
  rmSync(directory, { recursive: true })
}

function measureIngest(path: string): void {
  const store = openStore(path)
  let spentMillis = 0
  let batch: IncomingText[] = []
  const flush = (): void => {
    const started = performance.now()
    store.append(batch)
    spentMillis += performance.now() - started
    batch = []
  }
  for (const text of generateTexts(load)) {
    batch.push(text)
    if (batch.length === BATCH) flush()
  }
  flush()
  store.close()
  const perSecond = Math.round((load.records / spentMillis) * 1000)
  const bytes = statSync(path).size / load.records
  print('ingest', `${perSecond} records/s in batches of ${BATCH}, ${bytes.toFixed(0)} B/record`)
}

function measureSearch(path: string): void {
  const opening = performance.now()
  const store = openStore(path)
  print('open', `${(performance.now() - opening).toFixed(0)} ms`)
  const values: Readonly<Record<string, string>> = {
    user: pseudonym('user', 17),
    client: 'client-3',
    session: pseudonym('session', 17),
    scope: 'orders:write',
    route: '/v1/resource-7/:id',
    method: 'DELETE',
    status: '403',
    event: 'oauth.request.rejected',
    reason: 'expired',
    token: pseudonym('token', 17),
    service: 'service-2',
    framework: 'hipaa',
    from: '1795470300000000000',
  }
  const all: number[] = []
  for (const [a, first] of Object.entries(values)) {
    for (const [b, second] of Object.entries(values)) {
      if (a < b)
        all.push(
          ...measure(store, [
            [a, first],
            [b, second],
          ]),
        )
      if (a < b && b !== 'from')
        all.push(
          ...measure(store, [
            [a, first],
            [`exclude-${b}`, second],
          ]),
        )
    }
  }
  all.sort((x, y) => x - y)
  print('two filters', describe(all))
  print('worst pair', worst)
  print('no filter', describe(measure(store, []).sort((x, y) => x - y)))
  const sessions = time(() =>
    searchSessions(store, parseSessionQuery([['status', '4xx']], { now: 0n })),
  )
  print('sessions by status', `${sessions.toFixed(1)} ms`)
  store.close()
}

function measure(store: Store, entries: readonly (readonly [string, string])[]): number[] {
  const query = parseSearchQuery(entries, { now: 0n })
  const times = Array.from({ length: 5 }, () => time(() => searchRecords(store, query)))
  if (Math.max(...times) > worstMillis) {
    worstMillis = Math.max(...times)
    worst = `${entries.map(([name]) => name).join(' + ')}: ${worstMillis.toFixed(1)} ms`
  }
  return times
}

function time(work: () => unknown): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

function describe(sorted: readonly number[]): string {
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms over ${sorted.length} searches`
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(20)} ${text}\n`)
}
