import { expect, it } from 'vitest'
import type { LogState } from '../../src/api-types.ts'
import { HeadFeeder } from '../../src/registry/head-feeder.ts'
import { openStore } from '../../src/store/store.ts'
import { makeInstance, openTestRegistry, ORDERS } from './support.ts'

/** Record 0 of a log, as far as the store reads it. */
const recordOf = (log: string, index = 0): string =>
  JSON.stringify({ index, log, time: '1795466400000000000', type: 'oauth.request', v: 1 })

it('looks at a log until it has ended, and again when something comes for it', () => {
  const test = openTestRegistry()
  const store = openStore(':memory:')
  const asked: string[] = []
  let state: LogState['state'] = 'running'
  const feeder = new HeadFeeder({
    registry: test.registry,
    store,
    nowSeconds: () => 0,
    stateOf: ({ origin }) => {
      asked.push(origin)
      return { origin, state, signedSize: 0, size: 1 } as LogState
    },
  })
  const run = (): readonly string[] => {
    asked.length = 0
    feeder.run()
    return [...asked]
  }
  const [known, stranger] = [makeInstance(), makeInstance()]
  test.registry.register(known.request, ORDERS)
  for (const { origin } of [known, stranger]) store.append([{ text: recordOf(origin) }])
  expect(run()).toEqual([known.origin])
  expect(run()).toEqual([known.origin])
  expect(feeder.open).toBe(1)
  for (const ended of ['sealed', 'unsealed'] as const) {
    state = ended
    expect(run()).toEqual([known.origin])
    expect(run()).toEqual([])
    expect(feeder.open).toBe(0)
    store.append([{ text: recordOf(known.origin, ended.length) }])
    expect(feeder.open).toBe(1)
  }
  feeder.close()
  store.append([{ text: recordOf(stranger.origin, 1) }])
  expect(feeder.open).toBe(1)
  store.close()
})
