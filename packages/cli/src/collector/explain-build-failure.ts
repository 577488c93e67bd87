import type { CommandResult } from './run-command.ts'

const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /go\.mod requires go|invalid go version|unknown directive: toolchain|toolchain not available/,
    'install Go 1.25 or newer',
  ],
  [
    /SECURITY ERROR|checksum mismatch/,
    'a module is not the published one: run `go clean -modcache`, check GOPROXY, and leave GOSUMDB on',
  ],
  [/no space left on device/, 'free about 2 GB where `go env GOCACHE GOMODCACHE` points'],
  [/signal: killed|out of memory|cannot allocate/, 'memory ran out, try again with GOMAXPROCS=1'],
  [
    /dial tcp|no such host|i\/o timeout|TLS handshake|proxyconnect|connection (?:refused|reset)|unexpected EOF|\b(?:403|404|410|5\d\d) [A-Z]/,
    'modules could not be downloaded, check the network or set GOPROXY to a proxy in reach',
  ],
  [
    /GOCACHE is not defined|module cache not found/,
    'set HOME, or GOCACHE and GOMODCACHE, to folders that can be written',
  ],
  [/permission denied|read-only file system/, 'make the folder that it names writable'],
]

/** What a failed build is told as. */
export interface BuildFailure {
  /** What failed. */
  readonly reason: string
  /** What to do about it. */
  readonly remedy: string
  /** The last lines that say why, at most 10. */
  readonly details: readonly string[]
}

/** Reads the output of a failed `go build -v` and says what to do about it. */
export function explainBuildFailure(result: CommandResult, limitMillis: number): BuildFailure {
  const details = result.stderr.filter((line) => !isProgress(line)).slice(-10)
  if (result.failure === 'timeout') {
    const minutes = Math.round(limitMillis / 60_000)
    return { reason: `go build did not end within ${minutes} min`, remedy: 'try again', details }
  }
  const text = result.stderr.join('\n')
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1]
  const ending = result.failure ?? `exit code ${String(result.exitCode)}`
  return { reason: `go build failed (${ending})`, remedy: remedy ?? UNKNOWN_REMEDY, details }
}

const UNKNOWN_REMEDY = 'run `go build .` in collector/ to see all of its output'

/** `-v` prints the path of each package that it compiles. */
const isProgress = (line: string): boolean => isDownload(line) || isPackagePath(line)

/** Says whether a line of `go build -v` announces a download. */
export const isDownload = (line: string): boolean => line.startsWith('go: downloading ')

/** Says whether a line of `go build -v` names a package that is being compiled. */
export const isPackagePath = (line: string): boolean => /^[\w.~-]+(?:\/[\w.~-]+)*$/.test(line)
