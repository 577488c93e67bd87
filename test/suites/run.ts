/**
 * `node test/suites/run.ts <name> --checkout DIR`, after `npm run build`: runs the suite that a
 * library's authors publish twice, bare and recorded, and compares what became of each test. DIR is
 * their repository with its dependencies installed, in a folder `node_modules/<package>`, because
 * libraries are known by that. Exits with 1 where a test ended otherwise than bare.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compareResults, countOutcomes } from './compare.ts'
import { runSuite, runSuiteRecorded } from './run-suite.ts'
import { SUITES } from './suites.ts'

const SHOWN = 40

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { checkout: { type: 'string' } },
})
const suite = SUITES[positionals[0] ?? '']
if (suite === undefined || values.checkout === undefined) {
  console.error('node test/suites/run.ts <name> --checkout DIR; the names are:')
  console.error(Object.keys(SUITES).join(', '))
  process.exit(2)
}
const checkout = resolve(values.checkout)
if (!checkout.endsWith(join('node_modules', suite.package))) {
  console.error(`Nothing of it would be hooked: have ${checkout} in node_modules/${suite.package}.`)
  process.exit(2)
}
const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  readonly version: string
}
const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: checkout, encoding: 'utf8' })

const bare = await runSuite(suite, checkout)
const recorded = await runSuiteRecorded(suite, checkout)
const differences = compareResults(bare.results, recorded.results)

console.log(`${suite.package} ${manifest.version} (${git.stdout.trim()}), Node ${process.version}`)
console.table({
  bare: summarize(bare),
  recorded: summarize(recorded),
})
const hooks = [...recorded.hooks].map(([hook, count]) => `${hook} ${count}`).join(', ')
console.log(`recorded: ${recorded.logs} processes and threads, ${recorded.requests} requests`)
if (hooks !== '') console.log(`told by ${hooks}`)
console.log(`${differences.length} tests ended otherwise`)
for (const { test, bare: before, recorded: after } of differences.slice(0, SHOWN)) {
  console.log(`  ${before.join() || 'not run'} → ${after.join() || 'not run'}: ${test}`)
}
for (const line of linesOfOurs(recorded.errors)) console.log(`  ${line}`)
if (bare.results.size === 0) console.error(`It ran no test: ${bare.errors.slice(-1_000)}`)
process.exitCode = differences.length === 0 && bare.results.size > 0 ? 0 : 1

function summarize({ results, exitCode }: Awaited<ReturnType<typeof runSuite>>): object {
  return {
    passed: countOutcomes(results, 'passed'),
    failed: countOutcomes(results, 'failed'),
    skipped: countOutcomes(results, 'skipped'),
    exit: exitCode,
  }
}

/** What the recorder said, but for the keys that each run makes anew. */
function linesOfOurs(errors: string): readonly string[] {
  const lines = errors.split('\n').filter((line) => /^tokentrail: (?!Made )/.test(line))
  return [...new Set(lines)].slice(0, SHOWN)
}
