import { expect, it } from 'vitest'
import type { ObservedFact } from '../../src/hooks/library.ts'
import { createProbe } from '../../src/hooks/probe.ts'
import { createOwnWork } from '../../src/verification/own-work.ts'

it('what the recorder verifies itself is no fact that a library told', () => {
  const facts: ObservedFact[] = []
  const observe = (): ObservedFact => ({ route: '/seen' })
  const probe = createProbe({ exportName: 'verify', observe }, 'lib.verify', () => ({
    isServing: true,
    notes: new WeakMap(),
    take: (fact: ObservedFact) => void facts.push(fact),
    onFault(_: string, error: unknown) {
      throw error
    },
  }))
  const runAsOwn = createOwnWork()
  expect(runAsOwn(() => probe.visit(undefined, []))).toBeUndefined()
  probe.visit(undefined, [])?.note({ kind: 'returned', value: undefined })
  expect(facts).toEqual([{ route: '/seen' }])
})
