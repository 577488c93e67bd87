import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import { findFreePort } from '../../packages/cli/src/collector/free-port.ts'
import { ROOT } from '../e2e/support/run.ts'
import { until } from '../e2e/support/until.ts'
import { Judge } from './judge.ts'
import { openProxy } from './passing-proxy.ts'
import { countRecords, recordRound, ROUTES, type RecordedRound } from './recorded-round.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { Missing } from './servers.ts'
import { toRows, type ReceivedLogs } from './splunk-rows.ts'
import { copyAltered, copyWithout, pickVictim } from './tampering.ts'

/**
 * The HTTP Event Collector, filled by the exporter `splunk_hec`. No Splunk is to be had, so that
 * the collector's own receiver takes its place; what it received is then written as Splunk exports
 * it.
 */
export async function trySplunkHec(folder: string, requests: number): Promise<readonly string[]> {
  const found = await findCollector({ root: ROOT })
  if (found.status === 'missing') throw new Missing(found.reason)
  mkdirSync(folder, { recursive: true })
  const port = await findFreePort('127.0.0.1')
  const start = (): Promise<ServerProcess> => startPeer(found.path, port, folder)
  let server = await start()
  const wire = join(folder, 'wire.json')
  const proxy = await openProxy({ port, capture: wire })
  try {
    const round = await recordRound({
      folder,
      overlay: 'splunk',
      env: {
        TOKENTRAIL_SPLUNK_URL: `${proxy.url}/services/collector`,
        TOKENTRAIL_SPLUNK_TOKEN: '00000000-0000-0000-0000-000000000000',
      },
      halfway: () => server.stop(),
      requests,
    })
    server = await start()
    const judge = new Judge(round.rootFile)
    await judgeEvents(judge, round, folder)
    const { texts } = await countRecords([wire])
    const size = round.texts.get('records')!.size
    judge.check('as it was sent, all routes', texts.size === size, `${texts.size} of ${size}`)
    await judge.verify('as it was sent, all routes', wire, { verdict: 'VALID_SEALED' })
    await round.stop()
    return judge.failures
  } finally {
    proxy.close()
    await server.stop()
  }
}

/** A folder per index. */
const configOf = (port: number, folder: string): string => `
receivers:
  splunk_hec: { endpoint: '127.0.0.1:${port}' }
exporters:
  file:
    path: ${folder}/received/*.jsonl
    create_directory: true
    append: true
    flush_interval: 100ms
    group_by: { enabled: true, resource_attribute: com.splunk.index }
service:
  telemetry: { metrics: { level: none }, logs: { level: warn } }
  pipelines:
    logs: { receivers: [splunk_hec], exporters: [file] }
`

async function startPeer(program: string, port: number, folder: string): Promise<ServerProcess> {
  const config = join(folder, 'peer.yaml')
  writeFileSync(config, configOf(port, folder))
  return startServer(program, ['--config', config], {
    log: join(folder, 'peer.log'),
    ready: async () => (await fetch(`http://127.0.0.1:${port}/services/collector/health`)).ok,
  })
}

async function judgeEvents(judge: Judge, round: RecordedRound, folder: string): Promise<void> {
  for (const route of ROUTES) {
    const received = join(folder, 'received', `tokentrail_${route}.jsonl`)
    await until(`${route} to be received`, async () => {
      if (!existsSync(received)) return undefined
      const { count, texts } = await countRecords([received])
      const all = texts.size >= round.texts.get(route)!.size && count >= round.sent.get(route)!
      return all || undefined
    })
    await judge.verify(`${route}: as received`, received, { verdict: 'VALID_SEALED' })
    const rows = join(folder, 'rows', route)
    mkdirSync(rows, { recursive: true })
    writeFileSync(join(rows, 'export.json'), toRows(readReceived(received)))
    await judge.verify(`${route}: rows of search/jobs/export`, rows, { verdict: 'VALID_SEALED' })
    const bare = join(folder, 'bare-rows', route)
    mkdirSync(bare, { recursive: true })
    writeFileSync(join(bare, 'export.json'), toRows(readReceived(received), ['_raw']))
    await judge.verify(`${route}: rows with _raw alone`, bare, { verdict: 'VALID_SEALED' })
    const victim = pickVictim(round.texts.get(route)!)
    const { index } = victim
    copyWithout(rows, `${rows}-without`, victim)
    copyAltered(rows, `${rows}-altered`, victim)
    const name = `${route}: rows, a record`
    await judge.verify(`${name} removed`, `${rows}-without`, { verdict: 'MISSING', index })
    await judge.verify(`${name} altered`, `${rows}-altered`, { verdict: 'ALTERED', index })
  }
}

function readReceived(file: string): ReceivedLogs[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedLogs)
}
