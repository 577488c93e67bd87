import type { VNode } from 'preact'

import type { LogCertificate, RecordProof } from '../../../src/api-types.ts'
import { countBytes, formatCount, formatPlural } from '../format.ts'
import { readNoteRoot, type InclusionCheck } from '../inclusion.ts'
import { Badge } from './badge.tsx'
import { CopyButton } from './copy-button.tsx'
import { Fact } from './fact.tsx'
import { ProofLadder } from './proof-ladder.tsx'
import { AgeText, TimeText } from './time-text.tsx'

/** What the browser found when it did the sums itself; `null` while it has not or cannot. */
export type OwnCheck = InclusionCheck | 'unavailable' | 'unfitting' | null

/** The proof in four steps, each with what the reader's own browser found. */
export function ProofSteps(props: { text: string; proof: RecordProof; own: OwnCheck }): VNode {
  const { text, proof, own } = props
  return (
    <ol class="steps">
      <LeafStep text={text} proof={proof} own={own} />
      {proof.note !== null && (
        <>
          <PathStep proof={proof} own={own} />
          <NoteStep proof={proof} note={proof.note} />
          {proof.certificate !== null && <KeyStep certificate={proof.certificate} />}
        </>
      )}
    </ol>
  )
}

function LeafStep(props: { text: string; proof: RecordProof; own: OwnCheck }): VNode {
  const { text, proof, own } = props
  return (
    <li>
      <h3>The text becomes a leaf</h3>
      <p>
        A zero byte and the {formatCount(countBytes(text))} bytes of the text are hashed with
        SHA-256. One changed letter would give another hash.
      </p>
      <p class="mono hash">{proof.leaf}</p>
      <CheckMark own={own} holds={isCheck(own) && own.leaf === proof.leaf} what="the leaf" />
    </li>
  )
}

function PathStep({ proof, own }: { proof: RecordProof; own: OwnCheck }): VNode {
  return (
    <li>
      <h3>The leaf leads to the root</h3>
      <p>
        This is record {formatCount(proof.index)} of the first {formatCount(proof.treeSize)} of its
        log (counted from 0). Hashing it together with{' '}
        {formatPlural(proof.path.length, 'hash', 'hashes')} of its neighbours, one level at a time,
        must end in the root of all of them.
      </p>
      {isCheck(own) && (
        <>
          <ProofLadder check={own} index={proof.index} />
          <PathDetails check={own} />
        </>
      )}
      <p class="mono hash">{proof.root}</p>
      <CheckMark own={own} holds={isCheck(own) && own.root === proof.root} what="the root" />
    </li>
  )
}

function PathDetails({ check }: { check: InclusionCheck }): VNode {
  return (
    <details>
      <summary>Every step in full</summary>
      <ol class="path">
        {check.steps.map((step) => (
          <li key={step.parent}>
            <span class="sub">
              hash of the {step.side} neighbour (records {formatCount(step.from)} to{' '}
              {formatCount(step.to)})
            </span>
            <span class="mono hash">{step.sibling}</span>
            <span class="sub">together: SHA-256(1 ‖ left ‖ right)</span>
            <span class="mono hash">{step.parent}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}

function NoteStep({ proof, note }: { proof: RecordProof; note: string }): VNode {
  const same = readNoteRoot(note) === proof.root
  return (
    <li>
      <h3>The root is signed</h3>
      <p>
        The note below states the log, its size and its root, and is signed with the key of the log
        {proof.signedAt !== null && (
          <>
            {' '}
            at <TimeText at={proof.signedAt} long /> (<AgeText at={proof.signedAt} />)
          </>
        )}
        .
      </p>
      <pre class="code wrap" tabindex={0} aria-label="Signed note">
        {note}
      </pre>
      <p class="check-line">
        <Badge tone={same ? 'good' : 'bad'}>{same ? 'matches' : 'differs'}</Badge> The root in the
        note {same ? 'is' : 'is not'} the one above. The signature was checked by the viewer.{' '}
        <CopyButton text={note} label="Copy note" />
      </p>
    </li>
  )
}

function KeyStep({ certificate }: { certificate: LogCertificate }): VNode {
  return (
    <li>
      <h3>A certificate names the key</h3>
      <dl class="facts">
        <Fact name="Issued by">
          {certificate.selfIssued ? (
            <Badge tone="warn">self-issued</Badge>
          ) : (
            <span>{certificate.issuer}</span>
          )}
        </Fact>
        <Fact name="Key">
          <span class="mono hash">{certificate.keyId}</span>
        </Fact>
        <Fact name="Valid">
          <TimeText at={certificate.notBefore} long /> to{' '}
          <TimeText at={certificate.notAfter} long />
        </Fact>
      </dl>
    </li>
  )
}

function CheckMark(props: { own: OwnCheck; holds: boolean; what: string }): VNode | null {
  if (props.own === null) return null
  if (props.own === 'unavailable') {
    return (
      <p class="sub">
        Your browser computes hashes only on a secure origin (https, or 127.0.0.1), so this was
        checked by the viewer alone.
      </p>
    )
  }
  if (props.own === 'unfitting') {
    return (
      <p class="check-line">
        <Badge tone="bad">differs</Badge> The path does not fit the place of the record in its log.
      </p>
    )
  }
  return (
    <p class="check-line">
      <Badge tone={props.holds ? 'good' : 'bad'}>{props.holds ? 'matches' : 'differs'}</Badge> Your
      browser recomputed {props.what} from the text{props.holds ? '.' : ' and got another one.'}
    </p>
  )
}

function isCheck(own: OwnCheck): own is InclusionCheck {
  return own !== null && typeof own === 'object'
}
