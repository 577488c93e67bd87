import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLog } from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import type { JWK } from 'jose'
import { ACCEPT, type ArrivedRecord, startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { openTestLog } from './support/open.ts'
import { startWriter } from './support/writer.ts'

/** The long form: TOKENTRAIL_KILL_ROUNDS=1000 */
const ROUNDS = Number(process.env['TOKENTRAIL_KILL_ROUNDS'] ?? 8)
const SEED = Number(process.env['TOKENTRAIL_KILL_SEED'] ?? Date.now() % 100_000)
const SECONDS_PER_ROUND = 15

/** A number from 0 to 1 that only depends on seed and round (mulberry32). */
function chance(round: number): number {
  let a = (SEED + round * 0x6d2b79f5) | 0
  a = Math.imul(a ^ (a >>> 15), a | 1)
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61)
  return ((a ^ (a >>> 14)) >>> 0) / 4_294_967_296
}

/** Counts what is still to come, without looking at anything twice. */
function createOutstanding(acknowledgedBy: ReadonlyMap<string, readonly number[]>) {
  const outstanding = new Map(
    [...acknowledgedBy].map(([log, numbers]) => [log, new Set(numbers.map(routeOf))]),
  )
  let looked = 0
  return (accepted: readonly ArrivedRecord[]): number => {
    for (; looked < accepted.length; looked++) {
      const { log, attributes } = JSON.parse(accepted[looked]?.text ?? '') as {
        readonly log: string
        readonly attributes?: { readonly 'http.route'?: string }
      }
      outstanding.get(log)?.delete(attributes?.['http.route'] ?? '')
    }
    return [...outstanding.values()].reduce((sum, { size }) => sum + size, 0)
  }
}

function routeOf(number: number): string {
  return `/${number}`
}

describe(`kill -9 under load, ${ROUNDS} rounds, seed ${SEED}`, () => {
  it(
    'loses no record whose append had returned: recovery finds it, the next process delivers it',
    async () => {
      const directory = temporaryFolder()
      const collector = await startCollector()
      const slot = join(directory, 'journal', 'orders', 'slot-0')
      const acknowledgedBy = new Map<string, number[]>()
      for (let round = 0; round < ROUNDS; round++) {
        // Half of the rounds have a collector that refuses, so that the backlog grows.
        collector.react = round % 2 === 0 ? ACCEPT : () => 503
        const durability = round % 4 === 3 ? 'disk' : 'process'
        const perTurn = String(1 + (round % 3) * 10)
        const writer = startWriter(directory, collector.url, perTurn, 'run', 'Infinity', durability)
        await writer.until(1 + Math.floor(chance(round) * 800))
        writer.child.kill('SIGKILL')
        await writer.ended()
        expect(writer.errors).toEqual([])
        const origin = writer.lines[0]?.replace('open ', '') ?? ''
        acknowledgedBy.set(origin, writer.acknowledged())
      }
      const dead = readdirSync(slot).map((uuid) => join(slot, uuid))
      for (const [origin, numbers] of acknowledgedBy) {
        const log = dead.find((path) => path.endsWith(origin.split('/').at(-1) ?? ''))
        const check = checkLog(log ?? '')
        expect(check.missing).toEqual([])
        expect(check.records).toBeGreaterThan(numbers.length)
      }

      collector.react = ACCEPT
      const { log } = openTestLog({ directory, endpoint: collector.url })
      const texts = () => collector.accepted.map(({ text }) => text)
      const countOutstanding = createOutstanding(acknowledgedBy)
      await collector.until(() => countOutstanding(collector.accepted) === 0, 60_000)
      expect(await log.flush(10_000)).toBe(true)

      const recovered = texts().filter((text) => text.includes('"type":"tokentrail.log.recovered"'))
      const spokenFor = recovered.map((text) => (JSON.parse(text) as { prevLog: string }).prevLog)
      expect(new Set(spokenFor)).toEqual(new Set(acknowledgedBy.keys()))
      const jsonByUid = new Map<string, string>()
      for (const { uid, json } of collector.seen) {
        expect(jsonByUid.get(uid) ?? json).toBe(json)
        jsonByUid.set(uid, json)
      }
      expect(await log.shutdown(20_000)).toBe(true)
      await collector.close()

      // The whole, and the file of a route to which no ordinary record belongs.
      const root = readFileSync(join(directory, 'keys', 'root.jwk.json'), 'utf8')
      const roots = [JSON.parse(root) as JWK]
      const bodies = texts().map((body) => ({ body }))
      const everywhere = bodies.filter(({ body }) => body.includes('"type":"tokentrail.'))
      for (const [records, route] of [
        [bodies, '*'],
        [everywhere, 'hipaa'],
      ] as const) {
        const { verdict, findings, logs } = await verifyLogs(records, { roots, route })
        expect({ verdict, findings }).toEqual({ verdict: 'VALID_SEALED', findings: [] })
        expect(logs).toHaveLength(acknowledgedBy.size + 1)
      }
    },
    ROUNDS * SECONDS_PER_ROUND * 1000 + 60_000,
  )
})
