import type { VNode } from 'preact'

import type { RecordProof } from '../../../src/api-types.ts'
import { formatCount } from '../format.ts'

/** What the proof is evidence for, and what it is not. Both are said with the same weight. */
export function ProofLimits({ proof }: { proof: RecordProof }): VNode {
  return (
    <div class="limits">
      <section>
        <h3>What this is evidence for</h3>
        <ul>
          <li>
            Exactly this text stood at place {formatCount(proof.index)} of its log when the head of{' '}
            {formatCount(proof.treeSize)} records was signed.
          </li>
          <li>
            It has not been altered, moved or replaced since: every such change gives another root.
          </li>
          <li>
            Anyone can check it without this viewer:{' '}
            <code>npx tokentrail verify EXPORT --root root.jwk.json</code>
          </li>
        </ul>
      </section>
      <section>
        <h3>What it does not show</h3>
        <ul>
          <li>
            A rewrite of the whole log by whoever holds the signing key. That is visible only
            against an outside anchor: a witness, a write-once copy, a timestamp, a successor log.
          </li>
          {proof.certificate?.selfIssued === true && (
            <li>
              Whose key it is. It is self-issued: it was made at first start and vouches for itself,
              and its holder could date a log back.
            </li>
          )}
          <li>
            That the other records of the log are complete: the Logs view and verify say that.
          </li>
          <li>Anything about what happened outside the recorder’s sight.</li>
        </ul>
      </section>
    </div>
  )
}
