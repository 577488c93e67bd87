import type { ComponentChildren, VNode } from 'preact'

/** Colours of a badge; the word inside says the same, so that no one needs the colour. */
export type BadgeTone = 'good' | 'calm' | 'warn' | 'bad' | 'plain'

/** A short word set apart. */
export function Badge(props: {
  tone: BadgeTone
  title?: string
  children: ComponentChildren
}): VNode {
  return (
    <span class={`badge badge-${props.tone}`} title={props.title}>
      {props.children}
    </span>
  )
}
