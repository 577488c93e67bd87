import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLog } from '@tokentrail/exporter'
import { ACCEPT, startCollector } from './support/collector.ts'
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

function routesIn(texts: readonly string[], log: string): Set<string> {
  const own = texts.map(
    (text) => JSON.parse(text) as { log: string; attributes?: { 'http.route'?: string } },
  )
  return new Set(
    own.filter((record) => record.log === log).map((r) => r.attributes?.['http.route'] ?? ''),
  )
}

describe(`kill -9 under load, ${ROUNDS} rounds, seed ${SEED}`, () => {
  it(
    'loses no record whose append had returned: recovery finds it, the next process delivers it',
    async () => {
      const directory = temporaryFolder()
      const collector = await startCollector()
      const slot = join(directory, 'journal', 'slot-0')
      const acknowledgedBy = new Map<string, number[]>()
      for (let round = 0; round < ROUNDS; round++) {
        // Half of the rounds have a collector that refuses, so that the backlog grows.
        collector.react = round % 2 === 0 ? ACCEPT : () => 503
        const writer = startWriter(directory, collector.url, String(1 + (round % 3) * 10))
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
      const isWhole = () =>
        [...acknowledgedBy].every(([origin, numbers]) => {
          const routes = routesIn(texts(), origin)
          return numbers.every((number) => routes.has(`/${number}`))
        })
      await collector.until(() => log.state().delivered && isWhole(), 60_000)

      const recovered = texts().filter((text) => text.includes('"type":"tokentrail.log.recovered"'))
      const spokenFor = recovered.map((text) => (JSON.parse(text) as { prevLog: string }).prevLog)
      expect(new Set(spokenFor)).toEqual(new Set(acknowledgedBy.keys()))
      const jsonByUid = new Map<string, string>()
      for (const { uid, json } of collector.seen) {
        expect(jsonByUid.get(uid) ?? json).toBe(json)
        jsonByUid.set(uid, json)
      }
      await log.shutdown()
      await collector.close()
    },
    ROUNDS * SECONDS_PER_ROUND * 1000 + 60_000,
  )
})
