import { expect, test } from 'vitest'
import { verifyLogs, verifyShards, type ExportedRecord } from '../src/index.ts'
import { readShard } from '../src/shard.ts'
import { ROOT, buildCarrying, buildTestLog } from './log-builder.ts'
import { rewrite } from './verify-harness.ts'

const dead = await buildTestLog({ log: 'orders/0/dead', end: 'tail', frontierEvery: 2 })
const next = await buildTestLog({ log: 'orders/0/next', keyByte: 8, extras: [buildCarrying(dead)] })
const texts = [...dead.texts, ...next.texts]
const options = { roots: [ROOT], route: '*' } as const

const altered = rewrite(texts[9]!, (record) => (record['session'] = 'x'))
const relabelled = rewrite(texts[14]!, (record) => (record['type'] = 'oauth.request'))

test.each<[string, readonly string[]]>([
  ['a whole export', texts],
  ['copies in any order', [...texts.toReversed(), ...texts.slice(5, 30)]],
  ['an altered record, and a missing one', texts.with(9, altered).toSpliced(20, 1)],
  ['a checkpoint under another name', texts.with(14, relabelled)],
  ['bodies that are no records', [...texts, '', texts[5]!.slice(0, -4), '{}']],
  ['nothing', []],
])('%s read in parts is judged as if it had been read at once', async (_, bodies) => {
  const records: ExportedRecord[] = bodies.map((body, line) => ({
    body,
    eventName: line % 11 === 0 ? 'oauth.other' : '',
    source: { file: 'a', line },
  }))
  const whole = await verifyLogs(records, options)
  for (const size of [1, 7, 40, 1_000]) {
    const shards = []
    for (let at = 0; at < records.length; at += size) {
      // As a thread hands it over.
      shards.push(structuredClone(await readShard(records.slice(at, at + size))))
    }
    expect(await verifyShards(shards, options)).toEqual(whole)
  }
})
