// Load generator: requests at a fixed rate over kept connections, at most 64 open at once. Forked; is
// told the job, answers with what it saw.
import { Agent, get } from 'node:http'
import { performance } from 'node:perf_hooks'

/** One round of load. */
export interface Job {
  readonly port: number
  readonly tokens: readonly string[]
  readonly requests: number
  readonly perSecond: number
  /** Status that is asked for. Default is 200. */
  readonly status?: number
  /** Addresses that the requests seem to come from, by `X-Forwarded-For`. Default is none. */
  readonly sources?: number
}

/** What a round of load saw. Latencies are in milliseconds, from sending to the last byte. */
export interface Outcome {
  readonly answered: number
  readonly failed: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const MAX_OPEN = 64

function request(agent: Agent, job: Job, index: number): Promise<number> {
  const sent = performance.now()
  const token = job.tokens[index % job.tokens.length] ?? ''
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      host: '127.0.0.1',
      port: job.port,
      path: `/v1/orders/${index}`,
      headers: headersOf(job, token, index),
    }
    get(options, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === (job.status ?? 200)) resolve(performance.now() - sent)
        else reject(new Error(`status ${response.statusCode}`))
      })
    }).on('error', reject)
  })
}

function headersOf({ sources }: Job, token: string, index: number): Record<string, string> {
  const source = index % (sources ?? 1)
  return {
    authorization: `Bearer ${token}`,
    'user-agent': 'Mozilla/5.0 Firefox/140.0',
    ...(sources === undefined ? {} : { 'x-forwarded-for': `10.0.${source >> 8}.${source & 255}` }),
  }
}

async function run(job: Job): Promise<Outcome> {
  // Of its own for each round: between two rounds the server closes connections that were idle.
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_OPEN, scheduling: 'lifo' })
  const latencies: number[] = []
  let failed = 0
  let open = 0
  let sent = 0
  const start = performance.now()
  let finish: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })
  const settle = (): void => {
    open -= 1
    if (open === 0 && sent === job.requests) finish()
  }
  const tick = setInterval(() => {
    const due = Math.min(job.requests, ((performance.now() - start) / 1000) * job.perSecond)
    while (sent < due && open < MAX_OPEN) {
      open += 1
      request(agent, job, sent++)
        .then(
          (millis) => latencies.push(millis),
          () => (failed += 1),
        )
        .finally(settle)
    }
    if (sent === job.requests) clearInterval(tick)
  }, 1)
  await done
  agent.destroy()
  const seconds = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number): number =>
    latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return {
    answered: latencies.length,
    failed,
    perSecond: latencies.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
  }
}

process.on('message', (job: Job) => {
  void run(job).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
