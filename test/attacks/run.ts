/**
 * The long form of attacks.test.ts: every attack at every index of a 1,000-record log, each through
 * the shapes of Elasticsearch, Splunk and S3. `node test/attacks/run.ts [records] [stride]`, after
 * `npm run build`; exits with 1 if any attack was not found.
 */
import { listHarmless, listIndexedAttacks, listWholeAttacks } from './attack.ts'
import { ATTACKED_SHAPES } from './judge.ts'
import { buildTargets } from './log.ts'
import { tallyAttacks, type Tally } from './tally.ts'

const [records = 1_000, stride = 1] = process.argv.slice(2).map(Number)
const targets = await buildTargets(records)
const tallies = new Map<string, Tally>()
const began = Date.now()
const all = () => ATTACKED_SHAPES
const oneOfEach = () => ATTACKED_SHAPES.filter(({ name }) => /^(?:S3|hits|rows)/.test(name))
await tallyAttacks(listHarmless(targets, 20), all, tallies)
await tallyAttacks(await listWholeAttacks(targets), all, tallies)
await tallyAttacks(listIndexedAttacks(targets, stride), oneOfEach, tallies)

const width = Math.max(...[...tallies.keys()].map((name) => name.length))
for (const [name, { tried, problems }] of tallies) {
  console.log(
    `${name.padEnd(width)}  ${String(tried).padStart(6)} tried  ${problems.length} not as they must be`,
  )
  for (const problem of problems.slice(0, 5)) console.log(`    ${problem}`)
}
const missed = [...tallies.values()].reduce((sum, { problems }) => sum + problems.length, 0)
const tried = [...tallies.values()].reduce((sum, tally) => sum + tally.tried, 0)
const seconds = Math.round((Date.now() - began) / 1000)
console.log(
  `${tried} attacks and harmless changes on ${targets.log.size} records in ${seconds} s, ${missed} not as they must be`,
)
process.exitCode = missed === 0 ? 0 : 1
