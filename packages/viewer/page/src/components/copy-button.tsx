import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Copies a text as it is, byte for byte, and says that it did. */
export function CopyButton(props: { text: string; label: string }): VNode {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), 2_000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text)
      setOutcome('copied')
    } catch {
      // Refused by the browser, or the page is not on a secure origin.
      setOutcome('failed')
    }
  }
  const words = { idle: props.label, copied: 'Copied', failed: 'Select and copy by hand' }
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <span aria-live="polite">{words[outcome]}</span>
    </button>
  )
}
