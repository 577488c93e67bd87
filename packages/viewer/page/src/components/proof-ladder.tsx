import type { VNode } from 'preact'

import { formatCount } from '../format.ts'
import type { InclusionCheck, InclusionStep } from '../inclusion.ts'

const WIDTH = 420
const LEVEL = 66
const BOX = { width: 128, height: 38 }
const CENTER = WIDTH / 2
const SIDES = { left: BOX.width / 2 + 1, right: WIDTH - BOX.width / 2 - 1 }

/** The way from the leaf, at the bottom, to the root, drawn as a ladder. */
export function ProofLadder(props: { check: InclusionCheck; index: number }): VNode {
  const { check, index } = props
  const height = check.steps.length * LEVEL + BOX.height + 2
  const yOf = (level: number): number => height - BOX.height - 1 - level * LEVEL
  return (
    <svg
      class="ladder"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={`Tree: ${check.steps.length} steps from record ${index} up to the root. The steps are listed below.`}
    >
      {check.steps.map((step, level) => (
        <Rung key={step.sibling} step={step} y={yOf(level)} />
      ))}
      {check.steps.map((step, level) => (
        <Node
          key={step.parent}
          x={CENTER}
          y={yOf(level + 1)}
          hash={step.parent}
          title={level + 1 === check.steps.length ? 'root' : 'computed'}
          kind={level + 1 === check.steps.length ? 'root' : 'own'}
        />
      ))}
      <Node
        x={CENTER}
        y={yOf(0)}
        hash={check.leaf}
        title={`this record, ${formatCount(index)}`}
        kind={check.steps.length === 0 ? 'root' : 'leaf'}
      />
    </svg>
  )
}

function Rung({ step, y }: { step: InclusionStep; y: number }): VNode {
  const x = SIDES[step.side]
  const bend = y - (LEVEL - BOX.height) / 2
  const range =
    step.from === step.to
      ? `record ${formatCount(step.from)}`
      : `records ${formatCount(step.from)}–${formatCount(step.to)}`
  return (
    <g>
      <path class="rung-own" d={`M${CENTER} ${y}V${y - (LEVEL - BOX.height)}`} />
      <path class="rung" d={`M${x} ${y}V${bend}H${CENTER}`} />
      <Node x={x} y={y} hash={step.sibling} title={range} kind="sibling" />
    </g>
  )
}

function Node(props: { x: number; y: number; hash: string; title: string; kind: string }): VNode {
  const { x, y, hash, title, kind } = props
  return (
    <g class={`node node-${kind}`}>
      <title>{`${title}: ${hash}`}</title>
      <rect x={x - BOX.width / 2} y={y} width={BOX.width} height={BOX.height} rx="6" />
      <text class="node-title" x={x} y={y + 15}>
        {title}
      </text>
      <text class="node-hash" x={x} y={y + 30}>
        {hash.slice(0, 12)}…
      </text>
    </g>
  )
}
