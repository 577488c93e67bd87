import { existsSync, statSync } from 'node:fs'
import { verifyCertificate, verifyIssuerCertificate } from '@tokentrail/ledger'
import { readRootKeys } from '../root-keys.ts'
import { readClaims } from './certify.ts'
import { keySetPaths, listPseudonymFiles, readKeyJson } from './key-set.ts'

/** A key of a set as everybody may see it. */
export interface ListedKey {
  readonly key: string
  /** What it is for. */
  readonly use: string
  /** Key id; of signing keys the RFC 7638 thumbprint. */
  readonly id: string
  /** Of a pseudonym key. */
  readonly epoch?: number
  /** End of its certificate, POSIX seconds. */
  readonly expires?: number
  /** What is wrong with it, in a few words; absent when nothing is. */
  readonly problem?: string
  readonly file: string
}

/**
 * Lists the keys of a set without their secrets.
 *
 * @param now - POSIX seconds.
 */
export async function listKeys(folder: string, now: number): Promise<readonly ListedKey[]> {
  const paths = keySetPaths(folder)
  const signing = ['rootPrivate', 'root', 'registry', 'instance', 'erasure'] as const
  const keys: ListedKey[] = []
  for (const name of signing) {
    const file = paths[name]
    if (existsSync(file)) keys.push(...(await describe(name, file, paths.root, now)))
  }
  for (const file of listPseudonymFiles(folder)) {
    const { kid, epoch } = readKeyJson(file)
    const use = file === paths.pseudonym ? 'pseudonyms' : 'search of older pseudonyms'
    keys.push({
      key: 'pseudonym',
      use,
      id: String(kid),
      epoch: Number(epoch),
      file,
      ...permissionProblem(file),
    })
  }
  return keys
}

async function describe(
  name: string,
  file: string,
  rootFile: string,
  now: number,
): Promise<readonly ListedKey[]> {
  if (name === 'root') {
    return readRootKeys([file]).map(({ kid = '' }) => ({
      key: 'root',
      use: 'given to verifiers',
      id: kid,
      file,
    }))
  }
  const jwk = readKeyJson(file)
  const base = { key: name, id: String(jwk['kid']), file, ...permissionProblem(file) }
  if (name === 'rootPrivate') return [{ ...base, key: 'root-private', use: 'certifies the others' }]
  const { use, exp, log } = readClaims(jwk['certificate'])
  const expires = Number(exp)
  const problem = await certificateProblem(jwk['certificate'], rootFile, { log, expires, now })
  return [
    {
      ...base,
      use: typeof log === 'string' ? `registry ${log}` : String(use),
      expires,
      ...(problem !== undefined && { problem }),
    },
  ]
}

async function certificateProblem(
  certificate: unknown,
  rootFile: string,
  { log, expires, now }: { log: unknown; expires: number; now: number },
): Promise<string | undefined> {
  if (!existsSync(rootFile)) return 'no root to check it by'
  const roots = readRootKeys([rootFile])
  try {
    if (typeof log === 'string') await verifyCertificate(String(certificate), roots, log)
    else await verifyIssuerCertificate(String(certificate), roots)
  } catch {
    return 'not certified by the root'
  }
  return expires <= now ? 'expired' : undefined
}

function permissionProblem(file: string): { readonly problem?: string } {
  if (process.platform === 'win32' || (statSync(file).mode & 0o077) === 0) return {}
  return { problem: 'readable by others' }
}
