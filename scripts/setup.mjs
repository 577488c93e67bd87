/**
 * Sets a checkout up: dependencies when the lock file changed, then the build. Runs on the host's
 * Node (20.19 or newer) and needs npm; everything after it runs on the pinned Node of
 * `node_modules`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const BIN = join(ROOT, 'node_modules', '.bin')
const STAMPS = join(ROOT, '.cache')

/** A set-up step that failed; its message says what to do. */
export class SetupError extends Error {}

/** Environment in which every child process finds the pinned Node and the tools first. */
export const pinnedEnv = () => ({
  ...process.env,
  PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`,
})

const say = (line) => process.stderr.write(`[set-up] ${line}\n`)

/** Runs a tool; shows its output only when it fails, and says every few seconds that it goes on. */
function run(title, command, args) {
  const began = Date.now()
  say(`${title} …`)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env: pinnedEnv(), shell: false })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    const seconds = () => Math.round((Date.now() - began) / 1000)
    const progress = setInterval(() => say(`${title}: ${seconds()} s …`), 5000)
    child.on('error', (error) => {
      clearInterval(progress)
      reject(new SetupError(`${title}: cannot run ${command}: ${error.code}`))
    })
    child.on('close', (code) => {
      clearInterval(progress)
      if (code === 0) return resolve(say(`${title}: done in ${seconds()} s`))
      process.stderr.write(Buffer.concat(output).toString().split('\n').slice(-40).join('\n'))
      return reject(
        new SetupError(`${title} failed (exit ${code}); the end of its output is above`),
      )
    })
  })
}

function digest(files) {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(file).update(readFileSync(join(ROOT, file)))
  return hash.digest('hex')
}

/** Does `work` unless it was done for the same input and its result is still there. */
async function once(name, inputs, result, work) {
  const stamp = join(STAMPS, `${name}.stamp`)
  const key = digest(inputs)
  const current = existsSync(stamp) && readFileSync(stamp, 'utf8') === key
  if (current && existsSync(join(ROOT, result))) return
  await work()
  mkdirSync(STAMPS, { recursive: true })
  writeFileSync(stamp, key)
}

function checkHost() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new SetupError(
    `Node ${process.version} is too old to set this up; install Node 20.19 or newer (any of 20, 22, 24)`,
  )
}

function checkPinnedNode() {
  const found = spawnSync(join(BIN, 'node'), ['--version'], { encoding: 'utf8' })
  if (found.stdout?.startsWith('v24.')) return
  throw new SetupError(
    'the pinned Node 24 is not in node_modules: its install script did not run. ' +
      'Check that npm does not run with ignore-scripts, delete node_modules and start again',
  )
}

const GENERATED = new Set(['node_modules', 'dist', '.git', '.cache', '.tokentrail'])

/** Applications over other versions of libraries; installed apart, and for tests alone. */
const LIBRARIES = 'test/libraries'

function filesIn(folder, pattern, without = []) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      const isSkipped = GENERATED.has(entry.name) || without.includes(path)
      return isSkipped ? [] : filesIn(path, pattern, without)
    }
    return entry.isFile() && pattern.test(path) ? [path] : []
  })
}

const MANIFEST = /(^|\/)package(-lock)?\.json$/
const CLEAN_INSTALL = ['ci', '--no-audit', '--no-fund', '--loglevel=error']

/** Brings the checkout to a state in which everything can run. A second call takes a second. */
export async function setUp() {
  checkHost()
  const manifests = filesIn('.', MANIFEST, [LIBRARIES])
  await once('dependencies', manifests, 'node_modules/.package-lock.json', () =>
    run('npm ci', 'npm', CLEAN_INSTALL),
  )
  checkPinnedNode()
  const sources = filesIn('packages', /\/(src|page)\/|\/(tsconfig|package)\.json$/)
  await once('build', [...sources, 'tsconfig.base.json'], 'packages/cli/dist/main.js', async () => {
    await run('build packages', join(BIN, 'tsc'), ['-b'])
    await run('build viewer page', join(BIN, 'vite'), ['build', 'packages/viewer/page'])
  })
}

/** Installs the libraries and frameworks, in all their versions, that the tests record. */
export async function setUpLibraries() {
  const installed = `${LIBRARIES}/node_modules/.package-lock.json`
  await once('libraries', filesIn(LIBRARIES, MANIFEST), installed, () =>
    run(`npm ci in ${LIBRARIES}`, 'npm', [...CLEAN_INSTALL, '--prefix', LIBRARIES]),
  )
}

/** Runs a program's main function; a set-up fault is one clear line and exit code 1. */
export async function main(body) {
  try {
    process.exitCode = await body()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`[set-up] ${error.message}\n`)
    process.exitCode = 1
  }
}
