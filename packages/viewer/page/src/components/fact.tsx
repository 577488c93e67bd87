import type { ComponentChildren, VNode } from 'preact'

/** One line of a list of facts. */
export function Fact(props: { name: string; children: ComponentChildren }): VNode {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
