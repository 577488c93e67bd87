import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VerificationReport } from '@tokentrail/ledger'
import { UsageError } from './options.ts'
import { publishRootKey, startPlatform, type Platform } from './platform.ts'
import type { Ports } from './ports.ts'
import { startRun } from './run.ts'
import type { Kill } from './service.ts'
import { createServiceStarter } from './services.ts'
import { countExport, verifyExport } from './summary.ts'

/** Short, so that the round shows sessions that ended. */
const SESSION_IDLE_MILLIS = 3_000
const SESSIONS_END_TIMEOUT_MILLIS = 20_000
const DELIVERY_TIMEOUT_MILLIS = 30_000
const POLL_MILLIS = 250

/** What the round needs from the command line. */
export interface OnceOptions {
  readonly root: string
  readonly out: string
  readonly ports: Ports
  readonly say: (line: string) => void
  /** Is given what ends each part at once, for an exit that cannot wait. */
  readonly onStart: (kill: Kill) => void
}

/** Clears what an earlier round left in the folder; anything else there is not ours to touch. */
function prepareOut(out: string): void {
  mkdirSync(out, { recursive: true })
  const summary = join(out, 'summary.json')
  const exported = join(out, 'export')
  if (existsSync(summary)) {
    rmSync(summary)
    rmSync(exported, { recursive: true, force: true })
  } else if (existsSync(exported) && readdirSync(exported).length > 0) {
    throw new UsageError(
      `--out ${out}: its folder "export" holds files that no earlier round left; choose another folder`,
    )
  }
}

async function waitFor(timeoutMillis: number, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + timeoutMillis
  while (Date.now() < deadline) {
    if (await done()) return true
    await sleep(POLL_MILLIS)
  }
  return false
}

async function sessionsEnded(platform: Platform): Promise<boolean> {
  const response = await fetch(new URL('/api/sessions?active=true&limit=1', platform.viewer.url))
  const { sessions } = (await response.json()) as { sessions: unknown[] }
  return sessions.length === 0
}

function readRoot(file: string) {
  return JSON.parse(readFileSync(file, 'utf8')) as { kty: string; crv: string; x: string }
}

/** Waits until everything has arrived where it was routed to, and says what holds there. */
async function verifyDelivered(exportDir: string, rootFile: string): Promise<VerificationReport> {
  const verify = () => verifyExport(exportDir, readRoot(rootFile))
  await waitFor(DELIVERY_TIMEOUT_MILLIS, async () => (await verify()).verdict === 'VALID_SEALED')
  return verify()
}

async function playRound(options: OnceOptions, platform: Platform, dir: string): Promise<boolean> {
  const starter = createServiceStarter(options.ports, options.say, options.onStart)
  const run = await startRun(starter, platform, dir, true)
  const trafficFailed = (await run.traffic.ended) !== 0
  await waitFor(SESSIONS_END_TIMEOUT_MILLIS, () => sessionsEnded(platform))
  await run.stop()
  await platform.viewer.seal()
  return !trafficFailed
}

/** One round: traffic, seal, deliver, verify. Returns the exit code. */
export async function runOnce(options: OnceOptions): Promise<number> {
  const began = Date.now()
  const out = resolve(options.out)
  prepareOut(out)
  const exportDir = join(out, 'export')
  const rootFile = join(out, 'root.jwk.json')
  const dir = mkdtempSync(join(tmpdir(), 'tokentrail-once-'))
  try {
    const platform = await startPlatform({
      ...options,
      dir,
      exportDir,
      sessionIdleMillis: SESSION_IDLE_MILLIS,
    })
    options.onStart(() => platform.killCollector())
    publishRootKey(dir, rootFile)
    const played = await playRound(options, platform, dir)
    const report = await verifyDelivered(exportDir, rootFile)
    await platform.stopCollector()
    await platform.viewer.close()
    const summary = {
      collector: platform.collector,
      collectorVersion: platform.collectorVersion,
      ...(await countExport(exportDir)),
      verdict: report.verdict,
      elapsedMillis: Date.now() - began,
    }
    writeFileSync(join(out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
    options.say(`verdict ${report.verdict}; results in ${out}`)
    return played && report.verdict === 'VALID_SEALED' ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
