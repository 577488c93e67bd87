import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'

import { countBytes, formatCount } from '../format.ts'
import { indentJson, tokenizeJson } from '../json-tokens.ts'
import { CopyButton } from './copy-button.tsx'

/** The canonical text: laid out for reading, or byte for byte as it was hashed. */
export function CanonicalText({ text }: { text: string }): VNode {
  const [exact, setExact] = useState(false)
  const tokens = useMemo(() => tokenizeJson(exact ? text : indentJson(text)), [text, exact])
  return (
    <section class="panel evidence" aria-labelledby="evidence-title">
      <div class="panel-head">
        <h2 id="evidence-title">The evidence</h2>
        <div class="segments" role="group" aria-label="Layout of the text">
          <button type="button" aria-pressed={!exact} onClick={() => setExact(false)}>
            Readable
          </button>
          <button type="button" aria-pressed={exact} onClick={() => setExact(true)}>
            Exact bytes
          </button>
        </div>
        <CopyButton text={text} label="Copy exact bytes" />
      </div>
      <p class="sub">
        {formatCount(countBytes(text))} bytes of UTF-8, canonical JSON (RFC 8785). This text is what
        is hashed and signed; everything else on this page is read from it.
      </p>
      <pre class="code wrap" tabindex={0} aria-label="Canonical text">
        {tokens.map((token, position) =>
          token.kind === 'plain' ? (
            token.text
          ) : (
            <span key={position} class={`json-${token.kind}`}>
              {token.text}
            </span>
          ),
        )}
      </pre>
    </section>
  )
}
