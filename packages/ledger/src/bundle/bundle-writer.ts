import { formatBase64 } from '../base64.ts'
import { HASH_BYTES } from '../hash.ts'
import { LOST_LEAF } from '../lost-leaves.ts'
import { createProofBuilder, type ProofBuilder } from '../proof-builder.ts'
import type { LogAnalysis } from '../verify/log-analysis.ts'
import type { BundleHead, BundleLog, BundleRecord } from './proof-bundle.ts'

/** A record that is to be proven. */
export interface SelectedRecord {
  readonly log: string
  readonly index: number
  readonly text: string
}

/** Why a record cannot be proven. */
export interface UnprovenRecord {
  readonly log: string
  readonly index: number
  /** One sentence for a person. */
  readonly reason: string
}

/** Root under which a log's records are proven, and where it comes from. */
export interface ChosenHead {
  readonly size: number
  readonly head: BundleHead
}

/**
 * Chooses the newest root that covers a log: its own, if that reaches far enough, else the one that
 * its successor names.
 *
 * @param last - The highest index that it must cover.
 */
export function chooseHead(log: LogAnalysis, last: number): ChosenHead | undefined {
  const { rebuilt, successor, key } = log
  const { head, signedSize } = rebuilt
  if (key === undefined) return undefined
  if (head !== undefined && signedSize > last) {
    return { size: signedSize, head: { note: head.noteText } }
  }
  if (successor === undefined || successor.size <= last) return undefined
  const { origin, size, index } = successor
  return { size, head: { recovered: { log: origin, index } } }
}

/**
 * Collects the leaf hashes that a head is over, if all of them are proven. A successor's root is
 * over what it has read, even where the log had signed more.
 */
export function collectLeaves(
  { rebuilt, lost }: LogAnalysis,
  { size, head }: ChosenHead,
): Uint8Array[] | undefined {
  const leaves: Uint8Array[] = []
  for (const { start, hashes } of rebuilt.proven) {
    if (start > leaves.length) return undefined
    const from = (leaves.length - start) * HASH_BYTES
    for (let at = from; at < hashes.length && leaves.length < size; at += HASH_BYTES) {
      leaves.push(hashes.subarray(at, at + HASH_BYTES))
    }
  }
  if (leaves.length < size) return undefined
  for (const { first, last, by } of lost) {
    if ('recovered' in head && head.recovered.log === by) leaves.fill(LOST_LEAF, first, last + 1)
  }
  return leaves
}

/** Builds the part of a bundle that proves records of one log. */
export function buildBundleLog(
  log: string,
  certificate: string,
  { head, size }: ChosenHead,
  leaves: readonly Uint8Array[],
  records: readonly SelectedRecord[],
): BundleLog {
  const table = new NodeTable()
  const builder = createProofBuilder(leaves.slice(0, size))
  const proven = records.map((record) => table.prove(record, builder))
  return { log, certificate, head, nodes: table.nodes, records: proven }
}

/** Gives each node of several proofs its one place. */
class NodeTable {
  readonly nodes: Uint8Array[] = []
  readonly #places = new Map<string, number>()

  prove({ index, text }: SelectedRecord, builder: ProofBuilder): BundleRecord {
    return { text, path: builder.inclusion(index).map((node) => this.#placeOf(node)) }
  }

  #placeOf(node: Uint8Array): number {
    const key = formatBase64(node)
    let place = this.#places.get(key)
    if (place === undefined) {
      place = this.nodes.push(node) - 1
      this.#places.set(key, place)
    }
    return place
  }
}
