import { parseAst } from 'vite'
import type { FaultSwitch } from './fault-switch.ts'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [member: string]: unknown
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Puts a call of the switch at the head of every function of a module. */
export function addSwitches(source: string, file: string, faultSwitch: FaultSwitch): string {
  const insertions: { readonly at: number; readonly text: string }[] = []
  const name = file.replace(/^.*\/packages\//, '')
  visit(parseAst(source) as unknown as Node, (node, parent) => {
    const body = node['body'] as Node | null
    if (!FUNCTIONS.has(node.type) || body === null) return
    const line = source.slice(0, node.start).split('\n').length
    const site = faultSwitch.register(`${name}#${nameOf(node, parent)}:${line}`)
    const call = `faultSwitch.pass(${site})`
    if (body.type === 'BlockStatement') {
      insertions.push({ at: body.start + 1, text: `${call};` })
    } else {
      insertions.push({ at: body.start, text: `(${call},(` }, { at: body.end, text: '))' })
    }
  })
  return insertions
    .toSorted((a, b) => b.at - a.at)
    .reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), source)
}

/** What a function is called: by itself, or by what holds it. */
function nameOf(node: Node, parent: Node | undefined): string {
  const holder = node['id'] ?? parent?.['key'] ?? parent?.['id']
  return (holder as { readonly name?: string } | null | undefined)?.name ?? ''
}

function visit(
  node: Node,
  see: (node: Node, parent: Node | undefined) => void,
  parent?: Node,
): void {
  see(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === 'object' && child !== null && 'type' in child)
        visit(child as Node, see, node)
    }
  }
}
