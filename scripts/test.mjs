/**
 * `npm test`: sets the checkout up and runs every check, in the order of their cost. The last line
 * counts checks and tests: `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, pinnedEnv, ROOT, setUp, setUpLibraries } from './setup.mjs'

const BIN = join(ROOT, 'node_modules', '.bin')
const bin = (name) => join(BIN, name)

/** Each check begins with the accident that it prevents. */
const CHECKS = [
  // A diff that mixes layout with meaning cannot be reviewed.
  { name: 'format', command: [bin('prettier'), '--check', '--log-level=warn', '.'] },
  // A floating promise is an unhandled rejection in somebody's production process.
  { name: 'lint', command: [bin('oxlint'), '--type-aware'] },
  // A package that compiles only thanks to a stale dist breaks for the next person.
  { name: 'types: packages', command: [bin('tsc'), '-b'] },
  { name: 'types: examples', command: [bin('tsc'), '-p', 'examples'] },
  { name: 'types: viewer page', command: [bin('tsc'), '--noEmit', '-p', 'packages/viewer/page'] },
  {
    name: 'types: tests of the page',
    command: [bin('tsc'), '--noEmit', '-p', 'packages/viewer/test/page'],
  },
  { name: 'types: tests and scripts', command: [bin('tsc'), '-p', 'test'] },
  // Documentation tables that differ from the registry lead readers astray.
  {
    name: 'generated files',
    command: [bin('node'), 'packages/semantic-conventions/scripts/generate.ts', '--check'],
  },
  // A default that a README names and the code does not have misleads an operator.
  {
    name: 'tables of settings',
    command: [bin('node'), 'scripts/settings-table.ts', '--check'],
  },
  // A node: import in a pure package would end its use in a browser or another runtime.
  { name: 'reachability', command: [bin('node'), 'scripts/reachability.ts'] },
  // Dead code is read, maintained and trusted like living code.
  { name: 'unused code', command: [bin('knip')] },
]

const run = (command) =>
  new Promise((resolve) => {
    const [file, ...args] = command
    const child = spawn(file, args, { cwd: ROOT, env: pinnedEnv(), stdio: 'inherit' })
    child.on('close', (code) => resolve(code ?? 1))
  })

async function runChecks(counts) {
  for (const check of CHECKS) {
    const began = Date.now()
    const code = await run(check.command)
    const seconds = ((Date.now() - began) / 1000).toFixed(1)
    process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)\n`)
    if (code === 0) counts.passed += 1
    else counts.failed += 1
  }
}

/** Runs vitest and adds its counts; a run without a report counts as one failure. */
async function runTests(counts) {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run([bin('vitest'), 'run', ...reporters, ...process.argv.slice(2)])
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    counts.passed += result.numPassedTests
    counts.failed += result.numFailedTests
    counts.skipped += result.numPendingTests
    // A suite that fails to load has no failed test of its own.
    if (code !== 0 && result.numFailedTests === 0) counts.failed += 1
  } catch {
    counts.failed += 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(async () => {
  await setUp()
  await setUpLibraries()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  await runChecks(counts)
  await runTests(counts)
  process.stdout.write(
    `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
  )
  return counts.failed === 0 ? 0 : 1
})
