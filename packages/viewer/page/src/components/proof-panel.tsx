import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'

import type { RecordProof } from '../../../src/api-types.ts'
import { climbPath } from '../inclusion.ts'
import { Badge, type BadgeTone } from './badge.tsx'
import { ProofLimits } from './proof-limits.tsx'
import { ProofSteps, type OwnCheck } from './proof-steps.tsx'

const STATES: {
  readonly [State in RecordProof['state']]: { tone: BadgeTone; title: string; sentence: string }
} = {
  proven: {
    tone: 'good',
    title: 'proven',
    sentence: 'This record stands unaltered in its log, under a signed head.',
  },
  pending: {
    tone: 'calm',
    title: 'not signed yet',
    sentence:
      'No signed head covers this record yet, and nothing speaks against it. A busy log signs every second, an idle one every minute; this page follows by itself.',
  },
  broken: {
    tone: 'bad',
    title: 'broken',
    sentence: 'The proof does not hold. Do not rely on this record before you know why.',
  },
}

/** Proof of one record, explained. */
export function ProofPanel({ text, proof }: { text: string; proof: RecordProof }): VNode {
  const own = useOwnCheck(text, proof)
  const { tone, title, sentence } = STATES[proof.state]
  return (
    <section class="panel" aria-labelledby="proof-title">
      <div class="panel-head">
        <h2 id="proof-title">The proof</h2>
        <Badge tone={tone}>{title}</Badge>
      </div>
      <p>{sentence}</p>
      {proof.findings.length > 0 && (
        <ul class="findings">
          {proof.findings.map((finding) => (
            <li key={finding}>{finding}</li>
          ))}
        </ul>
      )}
      <ProofSteps text={text} proof={proof} own={own} />
      {proof.explanation.length > 0 && (
        <details class="said">
          <summary>How the viewer checked it</summary>
          <ol>
            {proof.explanation.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        </details>
      )}
      {proof.state === 'proven' && <ProofLimits proof={proof} />}
    </section>
  )
}

/** Does the sums in the reader's browser, so that the viewer need not be believed. */
function useOwnCheck(text: string, proof: RecordProof): OwnCheck {
  const [done, setDone] = useState<{ identity: string; own: OwnCheck } | null>(null)
  const identity = `${proof.leaf} ${proof.treeSize} ${proof.root}`
  useEffect(() => {
    let current = true
    const check = async (): Promise<OwnCheck> => {
      const subtle = (crypto as Partial<Crypto>).subtle
      if (subtle === undefined) return 'unavailable'
      // While no head covers the record, the tree of this one leaf checks the leaf's hash alone.
      const pending = proof.treeSize === 0
      const path = pending ? { index: 0, treeSize: 1, path: [] } : proof
      const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
        new Uint8Array(await subtle.digest('SHA-256', bytes))
      return (await climbPath(text, path, sha256)) ?? 'unfitting'
    }
    void check().then((own) => current && setDone({ identity, own }))
    return () => {
      current = false
    }
  }, [text, identity])
  return done?.identity === identity ? done.own : null
}
