import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VerificationReport } from '@tokentrail/ledger'
import type { Child } from './children.ts'
import { openOutFolder, type OutFolder } from './out-folder.ts'
import { publishRootKey, startPlatform, type Platform } from './platform.ts'
import type { Ports } from './ports.ts'
import { startRun } from './run.ts'
import { createServiceStarter } from './services.ts'
import { countExport, verifyExport } from './summary.ts'

/** Short, so that the round shows sessions that ended. */
const SESSION_IDLE_MILLIS = 3_000
const SESSIONS_END_TIMEOUT_MILLIS = 30_000
const DELIVERY_TIMEOUT_MILLIS = 30_000
const POLL_MILLIS = 250

/** What the round needs from the command line. */
export interface OnceOptions {
  readonly root: string
  readonly out: string
  readonly embedded: boolean
  readonly ports: Ports
  readonly say: (line: string) => void
  /** Is told of each process that runs from now on. */
  readonly onStart: (child: Child) => void
}

async function waitFor(timeoutMillis: number, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + timeoutMillis
  while (Date.now() < deadline) {
    if (await done()) return true
    await sleep(POLL_MILLIS)
  }
  return false
}

async function ask<T>(platform: Platform, path: string): Promise<T> {
  const response = await fetch(new URL(path, platform.viewer.url))
  return (await response.json()) as T
}

/** Authorization server and API. */
const RECORDED_SERVICES = 2

/** Whether the viewer has the services' logs to their end, and every session has come to its own. */
async function sessionsEnded(platform: Platform): Promise<boolean> {
  const { logs } = await ask<{ logs: { state: string }[] }>(platform, '/api/logs')
  if (logs.filter(({ state }) => state === 'sealed').length < RECORDED_SERVICES) return false
  const open = '/api/sessions?active=true&limit=1'
  const { sessions } = await ask<{ sessions: unknown[] }>(platform, open)
  return sessions.length === 0
}

function verifyOut(out: OutFolder): Promise<VerificationReport> {
  const root = JSON.parse(readFileSync(out.rootFile, 'utf8')) as { kty: string }
  return verifyExport(out.exportDir, root)
}

/** Whether everything has arrived where it was routed to; a line still being written has not. */
async function isDelivered(out: OutFolder): Promise<boolean> {
  const report = await verifyOut(out).catch(() => undefined)
  return report?.verdict === 'VALID_SEALED'
}

async function playRound(options: OnceOptions, platform: Platform, dir: string): Promise<boolean> {
  const starter = createServiceStarter(options.ports, options.say, options.onStart)
  const run = await startRun(starter, platform, dir, true)
  const isAsExpected = (await run.traffic.ended) === 0
  await run.stop()
  await waitFor(SESSIONS_END_TIMEOUT_MILLIS, () => sessionsEnded(platform))
  await platform.viewer.seal()
  return isAsExpected
}

/** One round: traffic, seal, deliver, verify. Returns the exit code. */
export async function runOnce(options: OnceOptions): Promise<number> {
  const began = Date.now()
  const out = openOutFolder(options.out)
  const dir = mkdtempSync(join(tmpdir(), 'tokentrail-once-'))
  let isComplete = false
  // Also when it is interrupted, so that keys are not left behind.
  process.once('exit', () => {
    rmSync(dir, { recursive: true, force: true })
    if (!isComplete) out.clear()
  })
  const platform = await startPlatform({
    ...options,
    dir,
    exportDir: out.exportDir,
    sessionIdleMillis: SESSION_IDLE_MILLIS,
  })
  publishRootKey(dir, out.rootFile)
  const isAsExpected = await playRound(options, platform, dir)
  await waitFor(DELIVERY_TIMEOUT_MILLIS, () => isDelivered(out))
  await platform.stopCollector()
  await platform.viewer.close()
  const { verdict } = await verifyOut(out)
  out.writeSummary({
    collector: platform.collector,
    collectorVersion: platform.collectorVersion,
    ...(await countExport(out.exportDir)),
    verdict,
    elapsedMillis: Date.now() - began,
  })
  isComplete = true
  options.say(`verdict ${verdict}; results in ${out.path}`)
  return isAsExpected && verdict === 'VALID_SEALED' ? 0 : 1
}
