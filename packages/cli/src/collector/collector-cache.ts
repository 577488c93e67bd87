import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where builds of the distribution are kept. */
export interface CollectorCache {
  /** Folder of one build per sources, Go version and platform. */
  readonly folder: string
  /** Digest of the sources: 16 hexadecimal characters. */
  readonly sources: string
  readonly platform: NodeJS.Platform
  readonly arch: string
}

/**
 * Describes the cache of a repository: its folder, and the digest of the Go sources and module
 * files under `sourceFolder` that names a build of them. Undefined when there are no sources.
 */
export async function openCollectorCache(
  sourceFolder: string,
  folder: string,
  platform: NodeJS.Platform,
  arch: string,
): Promise<CollectorCache | undefined> {
  const sources = await hashSources(sourceFolder)
  return sources === undefined ? undefined : { folder, sources, platform, arch }
}

/** Path of the build that `goVersion` (`go1.26.8`) makes or made. */
export function buildCachePath(cache: CollectorCache, goVersion: string): string {
  return join(cache.folder, `${cache.sources}-${goVersion}${suffix(cache)}`, binaryName(cache))
}

/** Paths of the builds of these sources by any version of Go, last name first. */
export async function listCachedBuilds(cache: CollectorCache): Promise<readonly string[]> {
  const names = await readdir(cache.folder).catch((): string[] => [])
  return names
    .filter((name) => name.startsWith(`${cache.sources}-go`) && name.endsWith(suffix(cache)))
    .sort()
    .toReversed()
    .map((name) => join(cache.folder, name, binaryName(cache)))
}

const suffix = ({ platform, arch }: CollectorCache): string => `-${platform}-${arch}`

const binaryName = ({ platform }: CollectorCache): string =>
  platform === 'win32' ? 'tokentrail-collector.exe' : 'tokentrail-collector'

async function hashSources(folder: string): Promise<string | undefined> {
  const all = await readdir(folder).catch((): string[] => [])
  if (!all.includes('go.mod')) return undefined
  const names = all.filter((name) => /\.go$|^go\.(?:mod|sum)$/.test(name))
  const hash = createHash('sha256')
  for (const name of names.sort()) {
    hash
      .update(`${name}\0`)
      .update(await readFile(join(folder, name)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
