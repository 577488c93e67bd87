import { formatHex, hashLeaf, LedgerError, verifyInclusion } from '@tokentrail/ledger'
import type { LogState, RecordProof } from '../api-types.ts'
import type { StoredLog } from '../store/log-table.ts'
import type { Store } from '../store/store.ts'
import { explainProof, explainSuccessor } from './explain.ts'
import type { LogStates } from './log-states.ts'
import { LogTree } from './log-tree.ts'
import type { RootKey } from './root-key.ts'
import type { SealedTail } from './succession.ts'
import { openSignedHead, toLogCertificate } from './signed-head.ts'

/** What proofs are made from. */
export interface ProverOptions {
  readonly store: Store
  readonly roots: readonly RootKey[]
  readonly states: LogStates
}

/**
 * Proves that a record stands in its log: the path from its text to the root of the newest signed
 * head, checked here step by step and not taken from the live state, so that what is shown was
 * verified when it was shown.
 */
export type Prover = (log: StoredLog, index: number, text: string) => Promise<RecordProof>

/** Of a log with such a finding nothing can be proven. */
const WITHOUT_PROOF: ReadonlySet<string> = new Set(['UNKNOWN_KEY', 'FORK'])

/** Makes a {@link Prover}. */
export function createProver({ store, roots, states }: ProverOptions): Prover {
  async function prove(log: StoredLog, index: number, text: string): Promise<RecordProof> {
    const state = states.of(log)
    const leaf = hashLeaf(text)
    const pending = buildPending(leaf, index)
    const against = state.findings.filter((finding) => finding.index === index)
    if (against.length > 0) return buildBroken(pending, against)
    try {
      if (index < state.signedSize) return await proveBySignedHead(log, state, pending, leaf)
      const tail = states.tailOf(log)
      if (tail?.holds === true && index < tail.recovery.prevSize) {
        return await proveBySuccessor(log, tail, pending, leaf)
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      return buildBroken(pending, [error])
    }
    const without = state.findings.filter(({ verdict }) => WITHOUT_PROOF.has(verdict))
    if (without.length > 0) return buildBroken(pending, without)
    return { ...pending, explanation: explainProof(pending, state) }
  }

  async function proveBySignedHead(
    log: StoredLog,
    state: LogState,
    pending: RecordProof,
    leaf: Uint8Array,
  ): Promise<RecordProof> {
    const read = (index: number): string => store.tables.records.find(log.id, index)?.text ?? '{}'
    // The checkpoint record for a size has that size as its index.
    const head = await openSignedHead(log.origin, read(0), read(state.signedSize), roots)
    const proof: RecordProof = {
      ...includeIn(log, pending, leaf, state.signedSize, head.root),
      note: head.note,
      signedAt: head.signedAt === null ? null : `${head.signedAt}000000000`,
      certificate: toLogCertificate(head.certificate),
    }
    return { ...proof, explanation: explainProof(proof, state) }
  }

  async function proveBySuccessor(
    log: StoredLog,
    { recovery }: SealedTail,
    pending: RecordProof,
    leaf: Uint8Array,
  ): Promise<RecordProof> {
    const proof = includeIn(log, pending, leaf, recovery.prevSize, recovery.prevRoot)
    const by = store.tables.logs.find(recovery.by)
    const text = by && store.tables.records.find(by.id, recovery.index)?.text
    if (by === undefined || text === undefined) return pending
    const { state, signedAt, certificate } = await prove(by, recovery.index, text)
    if (state !== 'proven') return pending
    const whole = { ...proof, signedAt, certificate }
    return { ...whole, explanation: explainSuccessor(whole, log.origin, recovery) }
  }

  function includeIn(
    log: StoredLog,
    pending: RecordProof,
    leafHash: Uint8Array,
    size: number,
    root: Uint8Array,
  ): RecordProof {
    const { records, blocks } = store.tables
    const path = new LogTree(records, blocks).inclusionPath(log.id, pending.index, size)
    const index = BigInt(pending.index)
    verifyInclusion({ index, size: BigInt(size), leafHash, root, proof: path })
    return {
      ...pending,
      state: 'proven',
      treeSize: size,
      path: path.map(formatHex),
      root: formatHex(root),
    }
  }

  return prove
}

function buildPending(leaf: Uint8Array, index: number): RecordProof {
  return {
    state: 'pending',
    leaf: formatHex(leaf),
    index,
    treeSize: 0,
    path: [],
    root: '',
    note: null,
    signedAt: null,
    certificate: null,
    explanation: [],
    findings: [],
  }
}

function buildBroken(
  pending: RecordProof,
  reasons: readonly { readonly message: string }[],
): RecordProof {
  const findings = reasons.map(({ message }) => message)
  return {
    ...pending,
    state: 'broken',
    findings,
    explanation: [
      'This record is not proven: what was found speaks against it.',
      ...findings,
      'Verify an export of the whole log with "tokentrail verify" to see every finding.',
    ],
  }
}
