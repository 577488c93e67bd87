import { expect, it } from 'vitest'
import { followBuild } from '../../src/collector/build-progress.ts'

it('reports seconds, downloads and packages at each tick, and nothing after the stop', () => {
  const reported: string[] = []
  let tick = (): void => expect.fail('no ticker was started')
  let now = 1_000
  let stopped = 0
  const progress = followBuild({
    report: (line) => reported.push(line),
    now: () => now,
    ticker: (action) => {
      tick = action
      return () => (stopped += 1)
    },
  })
  now = 6_000
  tick()
  progress.see('go: downloading a.example/b v1.0.0')
  progress.see('a.example/b/internal')
  progress.see('internal/cpu')
  progress.see('# a.example/b: a complaint')
  now = 11_400
  tick()
  progress.stop()
  expect(reported).toEqual([
    'building the collector: 5 s',
    'building the collector: 10 s, 1 modules downloaded, 2 packages compiled',
  ])
  expect(stopped).toBe(1)
})
