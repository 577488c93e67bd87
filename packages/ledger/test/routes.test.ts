import { expect, test } from 'vitest'
import { START_SECONDS, buildTestLog } from './log-builder.ts'
import { named, rewrite, verify } from './verify-harness.ts'

const routes = (i: number): string[] => [[], ['hipaa'], ['hipaa', 'pci']][i % 3]!
const log = await buildTestLog({ routes, end: 'sealed' })
const routesOf = (text: string): readonly string[] => {
  const { attributes } = JSON.parse(text) as { attributes?: Record<string, string> }
  const agent = attributes?.['user_agent.name']
  return agent === undefined ? ['*'] : routes(Number(agent.split(' ')[1]))
}
const exportOf = (route: string): string[] =>
  log.texts.filter((text) => routesOf(text).some((name) => name === '*' || name === route))

test.each(['hipaa', 'pci'])('an export of %s alone is valid, told or not told', async (route) => {
  const partial = exportOf(route)
  const told = await verify(partial, { route })
  expect(told).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  expect(told.route).toEqual({ name: route, inferred: false })
  expect(told.logs[0]?.notRouted).toBe(log.texts.length - partial.length)
  const inferred = await verify(partial)
  expect(inferred.verdict).toBe('VALID_SEALED')
  expect(inferred.route).toEqual({ name: route, inferred: true })
  expect(inferred.remarks.join(' ')).toContain(`"${route}"`)
})

test('one of its records removed is named, and nothing else', async () => {
  const partial = exportOf('hipaa')
  for (const text of partial.slice(1, -1)) {
    const report = await verify(
      partial.filter((other) => other !== text),
      { route: 'hipaa' },
    )
    const { index } = JSON.parse(text) as { index: number }
    const missing = [...named(report, 'MISSING'), ...named(report, 'MISSING_CHECKPOINT')]
    expect(missing).toEqual([index])
  }
})

test('routes relabelled to hide a removal are an altered checkpoint', async () => {
  const partial = exportOf('hipaa')
  const at = log.checkpoints[1]!
  const relabelled = rewrite(log.texts[at]!, (record) => {
    const count = at - Number(record['from'])
    record['routes'] = [[count, []]]
  })
  const removed = partial.find((text) => text.includes(`"index":${at - 2},`))
  expect(removed).toBeDefined()
  const report = await verify(
    partial
      .filter((text) => text !== removed)
      .map((text) => (text === log.texts[at]! ? relabelled : text)),
    { route: 'hipaa' },
  )
  expect(report.verdict).toBe('ALTERED')
  expect(named(report, 'ALTERED')).toEqual([at])
  expect(named(report, 'MISSING')).toContain(at - 2)
})

test('where no route explains what is missing, none is concluded', async () => {
  const all = await buildTestLog({ routes: () => ['hipaa'] })
  const report = await verify(all.texts.toSpliced(3, 1))
  expect(report.verdict).toBe('MISSING')
  expect(report.route).toBeUndefined()
})

test('a whole export is of no route, and one record less is missing', async () => {
  expect((await verify(log.texts)).route).toBeUndefined()
  const index = log.texts.findIndex((text) => routesOf(text).length === 0)
  const report = await verify(log.texts.toSpliced(index, 1))
  expect(report.verdict).toBe('MISSING')
  const only = exportOf('hipaa')
  expect((await verify(only, { route: '*' })).verdict).toBe('MISSING')
})

test('a misspelt route excuses nothing', async () => {
  const report = await verify(exportOf('hipaa'), { route: 'hippa' })
  expect(report.verdict).toBe('MISSING')
  expect(report.route).toBeUndefined()
  expect(report.remarks.join(' ')).toContain('none of this export')
})

test('a route without a record of its own is valid with the events that go everywhere', async () => {
  const report = await verify(exportOf('gdpr'), { route: 'gdpr' })
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', route: { name: 'gdpr' } })
})

test('routes in a checkpoint that nothing covers yet excuse no absent record for good', async () => {
  const running = await buildTestLog({ routes, end: 'checkpoint' })
  const [covered, head] = running.checkpoints.slice(-2) as [number, number]
  const partial = running.texts.filter((_, i) =>
    running.routes[i]!.some((name) => name === '*' || name === 'hipaa'),
  )
  const at = (index: number): { route: string; until: bigint } => ({
    route: 'hipaa',
    until: BigInt(START_SECONDS + index) * 1_000_000_000n,
  })
  expect(await verify(partial, at(covered))).toMatchObject({ verdict: 'VALID_UNTIL' })
  expect(await verify(running.texts, { ...at(head), route: '*' })).toMatchObject({
    verdict: 'VALID_UNTIL',
  })
  const relabelled = rewrite(running.texts[head]!, (record) => {
    record['routes'] = [[head - Number(record['from']), []]]
  })
  const removed = running.routes.findLastIndex((names) => names.includes('hipaa'))
  expect(removed).toBeGreaterThan(covered)
  const forged = partial
    .filter((text) => text !== running.texts[removed])
    .map((text) => (text === running.texts[head] ? relabelled : text))
  const report = await verify(forged, at(head))
  expect(report.findings).toMatchObject([{ verdict: 'UNSEALED_END', index: head }])
  expect(report.findings[0]?.message).toContain('are not signed yet')
})
