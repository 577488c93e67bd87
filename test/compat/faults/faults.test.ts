import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../servers/raw-exchange.ts'
import { environmentFor, type Issuer, PRESENTED, startIssuer } from '../support/issuer.ts'
import { LIBRARIES } from '../support/recorded-application.ts'
import type { FaultOrder, FaultReport } from './fault-switch.ts'

const PRELOAD = fileURLToPath(new URL('inject.ts', import.meta.url))

/** Applications that between them run every kind of hook. */
const APPLICATIONS = [
  'jose-6/esm.mjs',
  'express-5/server.mjs',
  'passport/jwt.mjs',
  'express-oauth2-jwt-bearer/server.mjs',
  'fast-jwt/fastify.mjs',
  'hono/bearer-over-jose.mjs',
  'mcp-1/over-jose.mjs',
]

/**
 * Functions that stand in the application's own call, between it and the original: a fault of the
 * first line of these is a fault of the language. Each does nothing but call what guards itself.
 */
const SHELLS = [
  'safe.js#',
  'hooks/watch/',
  'hooks/probe.js#visit',
  'hooks/probe.js#run',
  'hooks/probe.js#runOpen',
  'hooks/probe.js#note',
  'hooks/probe.js#disguise',
  'hooks/listen.js#',
  'inbound/routes/fastify.js#onRequest',
  'inbound/routes/hono.js#',
  'inbound/server-events.js#emit',
  'inbound/http-server.js#onStart',
  'inbound/method-wrapper.js#',
  'inbound/response.js#',
  'inbound/response-watch.js#expectLastByte',
  'inbound/response-watch.js#expectFlush',
  'inbound/response-watch.js#expectWrite',
  'inbound/response-watch.js#headReady',
  'inbound/response-watch.js#settle',
  'inbound/response-watch.js#closed',
  'stamps/sdk-stamps.js#',
]

const isShell = (name: string): boolean => SHELLS.some((shell) => name.includes(shell))

interface Faulty {
  readonly child: ChildProcess
  readonly url: string
  output(): string
  order(order: FaultOrder): Promise<FaultReport & { readonly names: readonly string[] }>
}

let issuer: Issuer
let folder: string
beforeAll(async () => {
  issuer = await startIssuer()
  folder = mkdtempSync(join(tmpdir(), 'tokentrail-faults-'))
})
afterAll(async () => {
  await issuer.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

async function start(file: string, execArgv: readonly string[]): Promise<Faulty> {
  const { HOME, PATH } = process.env
  const child = fork(join(LIBRARIES, file), [], {
    execArgv: [...execArgv],
    cwd: folder,
    silent: true,
    env: {
      HOME,
      PATH,
      // Its error pages would show the stack, whose later lines name the functions in between.
      NODE_ENV: 'production',
      ...environmentFor(issuer),
      TOKENTRAIL_DIR: mkdtempSync(join(folder, 'recorded-')),
      OTEL_EXPORTER_OTLP_ENDPOINT: issuer.url,
    },
  })
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended at start: ${output}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const [, found] = /served on (\d+)/.exec(output) ?? []
        if (found !== undefined) resolve(Number(found))
      })
    }
  })
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    async order(order) {
      const answered = once(child, 'message')
      child.send(order)
      const [report] = (await answered) as [FaultReport & { readonly names: readonly string[] }]
      return report
    },
  }
}

/** Sends a request with every kind of token; gives every byte of every response. */
async function exchangeAll({ url }: Faulty): Promise<readonly string[]> {
  const responses: string[] = []
  for (const presented of PRESENTED) {
    responses.push(await exchange(url, { path: '/v1/orders/7', token: issuer.tokenOf(presented) }))
  }
  return responses
}

const startFaulty = (file: string): Promise<Faulty> => start(file, ['--import', PRELOAD])

/** Arms one function and sends every request; says what came out otherwise, if anything did. */
async function tryFault(
  faulty: Faulty,
  site: number,
  expected: readonly string[],
): Promise<{ readonly thrown: number; readonly difference?: string }> {
  await faulty.order({ arm: site })
  try {
    const responses = await exchangeAll(faulty)
    const { thrown } = await faulty.order({})
    const index = responses.findIndex((response, at) => response !== expected[at])
    return index === -1 ? { thrown } : { thrown, difference: `another response (${index})` }
  } catch (error) {
    faulty.child.kill('SIGKILL')
    return { thrown: 1, difference: `${String(error)}; it printed ${faulty.output().slice(-400)}` }
  }
}

describe.each(APPLICATIONS)('%s', (file) => {
  it('answers as without us whichever of our functions throws', async () => {
    const plain = await start(file, [])
    const expected = await exchangeAll(plain)
    plain.child.kill('SIGTERM')
    const plainEnd = await once(plain.child, 'exit')

    let faulty = await startFaulty(file)
    expect(await exchangeAll(faulty)).toEqual(expected)
    await faulty.order({ watch: true })
    await exchangeAll(faulty)
    const { names, ran } = await faulty.order({})
    expect(ran.length).toBeGreaterThan(100)

    const differences: string[] = []
    let thrown = 0
    for (const site of ran.filter((index) => !isShell(names[index] ?? ''))) {
      const result = await tryFault(faulty, site, expected)
      thrown += Math.min(result.thrown, 1)
      if (result.difference === undefined) continue
      differences.push(`${names[site]}: ${result.difference}`)
      if (faulty.child.killed) faulty = await startFaulty(file)
    }
    expect(differences).toEqual([])
    // Some run once in a while, a checkpoint for example, and have no occasion here.
    expect(thrown).toBeGreaterThan(ran.length * 0.7)

    expect(await exchangeAll(faulty)).toEqual(expected)
    faulty.child.kill('SIGTERM')
    expect(await once(faulty.child, 'exit')).toEqual(plainEnd)
    expect(faulty.output()).not.toContain('canary-injected-fault')
  })
})

/** Longer than a busy log waits with a checkpoint (1 second). */
const BACKGROUND_MILLIS = 1_300
const PROCESSES = 8

/** The same where Node calls us: what catches there is not caught by anybody. */
const BACKGROUND_SHELLS = [
  'scheduler.js#',
  'wiring.js#flush',
  'send/courier.js#:',
  'send/courier.js#guard',
  'journal/group-flush.js#:',
  'journal/group-flush.js#guard',
  'disk/node-disk.js#:',
]

const isBackgroundShell = (name: string): boolean =>
  BACKGROUND_SHELLS.some((shell) => name.includes(shell))

it('goes on whichever of our functions throws in the background', async () => {
  const [file = ''] = APPLICATIONS
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startFaulty(file)))
  const [first] = processes
  if (first === undefined) throw new Error('no process was started')
  const expected = await exchangeAll(first)
  await first.order({ watch: true })
  await exchangeAll(first)
  const { ran: onRequest } = await first.order({ watch: true })
  await pause(BACKGROUND_MILLIS)
  const { names, ran } = await first.order({})
  const background = ran.filter(
    (site) => !onRequest.includes(site) && !isBackgroundShell(names[site] ?? ''),
  )
  expect(background.length).toBeGreaterThan(30)

  const ended: string[] = []
  const tryAll = async (faulty: Faulty, sites: readonly number[]): Promise<void> => {
    for (const site of sites) {
      await faulty.order({ arm: site })
      await exchangeAll(faulty)
      await pause(BACKGROUND_MILLIS)
      await faulty.order({})
      if (faulty.child.exitCode === null) continue
      ended.push(names[site] ?? '')
      return
    }
  }
  await Promise.all(
    processes.map((faulty, index) =>
      tryAll(
        faulty,
        background.filter((_, at) => at % PROCESSES === index),
      ).catch(() => ended.push(faulty.output())),
    ),
  )
  expect(ended).toEqual([])
  for (const faulty of processes) {
    expect(await exchangeAll(faulty)).toEqual(expected)
    faulty.child.kill('SIGTERM')
    await once(faulty.child, 'exit')
  }
})
