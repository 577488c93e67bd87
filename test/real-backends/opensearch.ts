import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { deleteFromCluster } from '../../packages/cli/src/erasure/elasticsearch.ts'
import { until } from '../e2e/support/until.ts'
import { Judge } from './judge.ts'
import { openProxy } from './passing-proxy.ts'
import { recordRound, ROUTES, type RecordedRound } from './recorded-round.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { findOpenSearch, Missing } from './servers.ts'
import { alterText, pickVictim } from './tampering.ts'

/** OpenSearch, filled by the exporter `elasticsearch`, exported as its users do. */
export async function tryOpenSearch(folder: string, requests: number): Promise<readonly string[]> {
  const jars = await findOpenSearch()
  const port = await findRunnerPort()
  const start = (): Promise<ServerProcess> => startOpenSearch(jars, port, folder)
  let server = await start()
  const proxy = await openProxy({ port, headers: { 'X-Elastic-Product': 'Elasticsearch' } })
  try {
    const round = await recordRound({
      folder,
      overlay: 'elasticsearch',
      env: { TOKENTRAIL_ELASTICSEARCH_URL: proxy.url },
      halfway: () => server.stop(),
      requests,
    })
    server = await start()
    const judge = new Judge(round.rootFile)
    await judgeIndexes(judge, `http://127.0.0.1:${port}`, round, join(folder, 'downloads'))
    await round.stop()
    return judge.failures
  } finally {
    proxy.close()
    await server.stop()
  }
}

/** The runner takes ports up to 9299 only, and listens one above the one that it is told. */
async function findRunnerPort(): Promise<number> {
  for (let port = 9240; port <= 9299; port += 1) {
    if (await isFree(port)) return port
  }
  throw new Missing('no port from 9240 to 9299 is free for OpenSearch')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function startOpenSearch(jars: string, port: number, folder: string): Promise<ServerProcess> {
  const data = join(folder, 'opensearch')
  mkdirSync(data, { recursive: true })
  const runner = 'org.codelibs.opensearch.runner.OpenSearchRunner'
  const options = ['-basePath', data, '-numOfNode', '1', '-clusterName', 'tokentrail']
  const args = ['-Xmx768m', '-cp', `${jars}/*`, runner, ...options, '-useLogger']
  return startServer('java', [...args, '-baseHttpPort', String(port - 1)], {
    log: join(folder, 'opensearch.log'),
    ready: async () => {
      const health = await fetch(`http://127.0.0.1:${port}/_cluster/health`)
      return /"status":"(?:green|yellow)"/.test(await health.text())
    },
  })
}

type Json = { readonly [name: string]: unknown }

interface Hit {
  readonly _id: string
  readonly _source: Json
  readonly sort?: readonly unknown[]
}

interface Page {
  readonly _scroll_id?: string
  readonly pit_id?: string
  readonly count?: number
  readonly hits: { readonly hits: readonly Hit[] }
}

const PAGE_SIZE = 200

async function ask(url: string, body?: object, method = 'POST'): Promise<string> {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`)
  return text
}

/** Pages of a scroll, each as the server sent it. */
async function scroll(url: string, index: string): Promise<string[]> {
  const pages: string[] = []
  let page = await ask(`${url}/${index}/_search?scroll=1m`, { size: PAGE_SIZE, sort: ['_doc'] })
  for (;;) {
    const { _scroll_id: scroll_id, hits } = JSON.parse(page) as Page
    pages.push(page)
    if (hits.hits.length === 0) break
    page = await ask(`${url}/_search/scroll`, { scroll: '1m', scroll_id })
  }
  return pages
}

/** Pages of `search_after`, indented as `?pretty` gives them. */
async function searchAfter(url: string, index: string): Promise<string[]> {
  const pages: string[] = []
  let after: readonly unknown[] | undefined
  do {
    const page = await ask(`${url}/${index}/_search?pretty`, {
      size: PAGE_SIZE,
      track_total_hits: true,
      sort: [{ '@timestamp': 'asc' }, { 'Attributes.log.record.uid.keyword': 'asc' }],
      ...(after && { search_after: after }),
    })
    pages.push(page)
    after = (JSON.parse(page) as Page).hits.hits.at(-1)?.sort
  } while (after !== undefined)
  return pages
}

/** What users write to disk: each file's name and content. */
const EXPORTS: { readonly [name: string]: (url: string, index: string) => Promise<string[]> } = {
  'scroll, a page a file': scroll,
  'search_after, pretty, a page a file': searchAfter,
  'scroll, hits a line each (elasticdump)': async (url, index) => {
    const pages = await scroll(url, index)
    const hits = pages.flatMap((page) => (JSON.parse(page) as Page).hits.hits)
    return [hits.map((hit) => `${JSON.stringify(hit)}\n`).join('')]
  },
  'scroll, documents a line each': async (url, index) => {
    const pages = await scroll(url, index)
    const hits = pages.flatMap((page) => (JSON.parse(page) as Page).hits.hits)
    return [hits.map(({ _source }) => `${JSON.stringify(_source)}\n`).join('')]
  },
  'fields instead of documents': async (url, index) => [
    await ask(`${url}/${index}/_search`, { size: 10_000, _source: false, fields: ['*'] }),
  ],
}

async function writeExport(
  folder: string,
  how: string,
  url: string,
  index: string,
): Promise<string> {
  const target = join(folder, `${index}, ${how}`.replace(/[^a-z_-]+/gi, '-'))
  mkdirSync(target, { recursive: true })
  const files = await EXPORTS[how]!(url, index)
  for (const [at, content] of files.entries()) {
    writeFileSync(join(target, `${at}.json`), content)
  }
  return target
}

async function countDocuments(url: string, index: string): Promise<number> {
  await ask(`${url}/${index}/_refresh`)
  return (JSON.parse(await ask(`${url}/${index}/_count`, undefined, 'GET')) as Page).count ?? 0
}

async function judgeIndexes(
  judge: Judge,
  url: string,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  for (const route of ROUTES) {
    const index = `tokentrail-${route}`
    const size = round.texts.get(route)!.size
    const count = await until(`${route} to be indexed`, async () => {
      const count = await countDocuments(url, index).catch(() => 0)
      return count >= size ? count : undefined
    })
    const said = `${count} documents, ${round.sent.get(route)} sent`
    judge.check(`${index}: a document for each record`, count === size, said)
    for (const how of Object.keys(EXPORTS)) {
      const target = await writeExport(folder, how, url, index)
      await judge.verify(`${index}: ${how}`, target, { verdict: 'VALID_SEALED' })
    }
  }
  const identities = await countDocuments(url, 'tokentrail-identities')
  const all = round.identities.size
  judge.check('tokentrail-identities', identities === all, `${identities} of ${all} documents`)
  await judgeErasure(judge, url, round)
  await judgeTampering(judge, url, round, folder)
}

/** Deletes a pseudonym's identity record as `tokentrail erase --elasticsearch` does. */
async function judgeErasure(judge: Judge, url: string, round: RecordedRound): Promise<void> {
  const [text = '{}'] = round.identities
  const { attributes } = JSON.parse(text) as {
    readonly attributes: Readonly<Record<string, string>>
  }
  const pseudonym = attributes['tokentrail.identity.pseudonym']!
  const cluster = { url, index: 'tokentrail-identities', authorization: undefined }
  const deleted = await deleteFromCluster(cluster, [pseudonym])
  judge.check('tokentrail-identities: one erased', deleted === 1, `${deleted} deleted`)
}

/** Alters, then deletes, a document in the index itself, as somebody with access to it can. */
async function judgeTampering(
  judge: Judge,
  url: string,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  for (const route of ['records', 'hipaa'] as const) {
    const index = `tokentrail-${route}`
    const victim = pickVictim(round.texts.get(route)!)
    const { log } = JSON.parse(victim.text) as { readonly log: string }
    const id = encodeURIComponent(`${log}.${victim.index}`)
    const doc = { Body: alterText(victim.text) }
    await ask(`${url}/${index}/_update/${id}?refresh`, { doc })
    for (const how of Object.keys(EXPORTS)) {
      const target = await writeExport(join(folder, 'altered'), how, url, index)
      const expected = { verdict: 'ALTERED', index: victim.index } as const
      await judge.verify(`${index}: a document altered, ${how}`, target, expected)
    }
    await ask(`${url}/${index}/_doc/${id}?refresh`, undefined, 'DELETE')
    for (const how of Object.keys(EXPORTS)) {
      const target = await writeExport(join(folder, 'removed'), how, url, index)
      const expected = { verdict: 'MISSING', index: victim.index } as const
      await judge.verify(`${index}: a document deleted, ${how}`, target, expected)
    }
  }
}
