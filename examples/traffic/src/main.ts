/**
 * Drives the orders API with real OAuth clients: one round (`--once`), or round after round.
 *
 * Environment: `ISSUER`, `API`, `SIGN_IN_PASSWORD`, `NIGHTLY_EXPORT_CLIENT_SECRET` (all required).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { discoverParties, type Parties, type TrafficOptions } from './parties.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

const PAUSE_MILLIS = 2_500
const stop = new AbortController()

function required(name: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`traffic: set ${name} in the environment`)
  process.exit(2)
}

const options: TrafficOptions = {
  issuer: required('ISSUER'),
  api: required('API'),
  password: required('SIGN_IN_PASSWORD'),
  nightlyExportSecret: required('NIGHTLY_EXPORT_CLIENT_SECRET'),
}

async function pause(millis: number): Promise<void> {
  await sleep(millis, undefined, { signal: stop.signal }).catch(() => undefined)
}

/** Runs one story and says how it went; a fault message names statuses, never a token. */
async function tell(scenario: Scenario, run: () => Promise<void>): Promise<boolean> {
  try {
    await run()
    console.log(`traffic: ${scenario.name}`)
    return true
  } catch (error) {
    if (stop.signal.aborted) return true
    const { message, cause } = error as Error & { cause?: { code?: string } }
    console.error(`traffic: ${scenario.name}: ${cause?.code ?? message}`)
    return false
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

/** Runs every story once; says how many went otherwise than expected. */
async function runRound(parties: Parties, pauseMillis: number): Promise<number> {
  let failures = 0
  for (const scenario of SCENARIOS) {
    if (stop.signal.aborted) break
    if (!(await tell(scenario, () => scenario.run(parties, options)))) failures += 1
    if (pauseMillis > 0) await pause(pauseMillis)
  }
  return failures
}

const parties = await discoverParties(options)
if (process.argv.includes('--once')) {
  process.exitCode = (await runRound(parties, 0)) > 0 ? 1 : 0
} else {
  while (!stop.signal.aborted) await runRound(parties, PAUSE_MILLIS)
}
