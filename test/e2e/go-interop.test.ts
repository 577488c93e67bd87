import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  buildCheckpointNote,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  createProofBuilder,
  formatBase64,
  formatTlogProof,
  formatVerifierKey,
  hashLeaf,
} from '@tokentrail/ledger'
import { afterAll, describe, expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../interop/go', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'tokentrail-interop-'))
const program = join(directory, 'interop')
const reason = build()
if (reason !== undefined) console.log(`Skipped: Go's own notes and trees, because ${reason}.`)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Builds the Go program; says why that was not possible. */
function build(): string | undefined {
  const options = { cwd: SOURCE, encoding: 'utf8', timeout: 120_000 } as const
  if (spawnSync('go', ['version'], options).status !== 0) return 'there is no go on PATH'
  const download = spawnSync('go', ['mod', 'download'], options)
  if (download.status !== 0) return 'its modules could not be fetched'
  const compiled = spawnSync('go', ['build', '-mod=readonly', '-o', program, '.'], options)
  // A program that does not compile is our fault, and no reason to skip.
  if (compiled.status !== 0) throw new Error(compiled.stderr || String(compiled.error))
  return undefined
}

const LOG = 'orders/0/01a20a23-1100-7000-8000-000000000001'
const COUNT = 70
const leaves = Array.from({ length: COUNT }, (_, i) => `{"index":${i},"text":"é ${i}"}`)
const hashes = leaves.map((leaf) => hashLeaf(leaf))
const signer = createNoteSigner(LOG, new Uint8Array(32).fill(7))

function signNote(size: number): string {
  const tree = createMerkleTree()
  for (const hash of hashes.slice(0, size)) tree.append(hash)
  const cosigner = createCosigner(LOG, new Uint8Array(32).fill(7))
  return buildCheckpointNote({
    size,
    root: tree.root(),
    timestamp: 1_795_466_402n,
    signer,
    cosigner,
  })
}

function buildInput(): Record<string, unknown> & { Notes: string[] } {
  const builder = createProofBuilder(hashes)
  const encode = (proof: readonly Uint8Array[]): string[] => proof.map(formatBase64)
  return {
    VerifierKey: formatVerifierKey(signer.key),
    Leaves: leaves,
    Notes: Array.from({ length: COUNT }, (_, i) => signNote(i + 1)),
    Inclusions: leaves.map((_, At) => ({ At, Hashes: encode(builder.inclusion(At)) })),
    Consistencies: leaves.map((_, i) => ({
      At: i + 1,
      Hashes: encode(builder.consistency(i + 1)),
    })),
    CosignatureKey: formatVerifierKey(createCosigner(LOG, new Uint8Array(32).fill(7)).key),
    TlogProofs: leaves.map((Leaf, at) => ({ Leaf, Proof: proveByItself(at) })),
  }
}

/** A C2SP tlog-proof of one leaf, the next to last with opaque data beside it. */
function proveByItself(at: number): string {
  return formatTlogProof({
    index: BigInt(at),
    proof: createProofBuilder(hashes).inclusion(at),
    checkpoint: signNote(COUNT),
    ...(at === COUNT - 2 && { extra: Uint8Array.of(1, 2, 3) }),
  })
}

function run(input: Record<string, unknown>): { status: number | null; output: string } {
  const options = { input: JSON.stringify(input), encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(program, options)
  return { status, output: stdout + stderr }
}

describe.skipIf(reason !== undefined)("Go's checksum database packages and torchwood", () => {
  test('open our notes, recompute their roots and take our proofs', () => {
    expect(run(buildInput())).toEqual({ status: 0, output: '70 notes, 210 proofs\n' })
  })

  test('refuse a note of ours whose root is another', () => {
    const input = buildInput()
    const note = signNote(9).replace('\n9\n', '\n8\n')
    expect(run({ ...input, Notes: [note] })).toMatchObject({ status: 1 })
  })

  test('refuse a C2SP proof of ours for another leaf, and one that only half of the keys signed', () => {
    const input = buildInput()
    const proof = { Leaf: `${leaves[9]} `, Proof: proveByItself(9) }
    expect(run({ ...input, TlogProofs: [proof] })).toMatchObject({ status: 1 })
    const half = { Leaf: leaves[9], Proof: proveByItself(9).replace(/— .*\n$/, '') }
    expect(run({ ...input, TlogProofs: [half] })).toMatchObject({ status: 1 })
  })
})
