import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of fake programs and a fake repository, for one test. */
export interface Sandbox {
  readonly root: string
  /** The only folder on the fake `PATH`. */
  readonly bin: string
  readonly env: Readonly<Record<string, string>>
  /** Writes a shell script that may be executed and returns its path. */
  readonly script: (path: string, body: string) => Promise<string>
  /** What the scripts appended to `$CALLS`, one call a line. */
  readonly calls: () => Promise<readonly string[]>
  readonly remove: () => Promise<void>
}

/** Creates a sandbox whose repository has collector sources and a configuration. */
export async function createSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'tokentrail-collector-'))
  const root = join(folder, 'repository')
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls')
  await mkdir(join(root, 'collector'), { recursive: true })
  await mkdir(bin)
  await writeFile(calls, '')
  await writeFile(join(root, 'collector', 'go.mod'), 'module fake\n')
  await writeFile(join(root, 'collector', 'main.go'), 'package main\n')
  await writeFile(join(root, 'otel-collector-config.yaml'), 'receivers: {}\n')
  return {
    root,
    bin,
    env: { PATH: bin, CALLS: calls },
    script: async (path, body) => {
      await writeFile(path, `#!/bin/sh\necho "$(/usr/bin/basename "$0") $*" >> "$CALLS"\n${body}\n`)
      await chmod(path, 0o755)
      return path
    },
    calls: async () => (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== ''),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Body of a script that answers like a collector; `validate` ends as `validation` says. */
export const collectorScript = (version: string, validation = 'exit 0'): string =>
  `case "$1" in --version) echo "fake version ${version}" ;; validate) ${validation} ;; esac`

/** Body of a script that answers like Go; `build` does what `build` says, with `$out` the target. */
export const goScript = (build: string, version = 'go1.99.1'): string => `
case "$1" in
env) echo ${version} ;;
build)
  while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
  ${build} ;;
esac`

/** A `build` for {@link goScript} that makes a program which answers like a collector. */
export const MAKE_COLLECTOR = `
printf '#!/bin/sh\\necho tokentrail-collector version 9.9.9\\n' > "$out"
/bin/chmod 755 "$out"`
