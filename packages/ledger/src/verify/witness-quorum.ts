import type { VerifierKey } from '../key.ts'
import { isQuorumMet, type TlogPolicy } from '../tlog-policy.ts'

/** A cosignature of a trusted witness over a head, as it was checked. */
export interface Cosignature {
  readonly key: VerifierKey
  readonly size: number
}

/**
 * Finds the largest head that a policy's quorum has cosigned, itself or a larger one. A witness is
 * its key: two may have one name.
 */
export function findQuorumSize(
  policy: TlogPolicy,
  cosignatures: readonly Cosignature[],
): number | undefined {
  const largest = new Map<VerifierKey, number>()
  for (const { key, size } of cosignatures) {
    largest.set(key, Math.max(size, largest.get(key) ?? 0))
  }
  const keys = new Map(policy.witnesses.map(({ name, key }) => [name, key]))
  const sizes = cosignatures.map(({ size }) => size).sort((a, b) => b - a)
  const has = (name: string, size: number): boolean => (largest.get(keys.get(name)!) ?? -1) >= size
  return sizes.find((size) => isQuorumMet(policy, (name) => has(name, size)))
}
