import { expect, test } from 'vitest'
import { START_SECONDS, buildCarrying, buildTestLog } from './log-builder.ts'
import { verify } from './verify-harness.ts'

/** A log of a service that is killed, and the time at which its process began. */
async function killed(at: number, name: string, slot = '0') {
  const certificate = { nbf: START_SECONDS + at }
  return buildTestLog({ log: `orders/${slot}/${name}`, end: 'tail', certificate })
}

test('the time that a killed log left unsigned ends where the next of its slot begins', async () => {
  const first = await killed(0, 'a')
  const next = await buildTestLog({
    log: 'orders/0/b',
    keyByte: 8,
    certificate: { nbf: START_SECONDS + 100, exp: START_SECONDS + 86_400 },
    extras: [buildCarrying(first)],
  })
  const report = await verify([...first.texts, ...next.texts])
  const [crashed, sealed] = report.logs
  expect(crashed).toMatchObject({ state: 'sealed', sealedBy: 'orders/0/b' })
  expect(crashed?.unsealedSeconds).toBe(100 - first.lastSignedSize)
  expect(sealed).not.toHaveProperty('unsealedSeconds')
})

test('beside it stands what is usual for the other logs of the service', async () => {
  const logs = await Promise.all(
    ['0', '1', '2'].map(async (slot) => killed(0, `log-${slot}`, slot)),
  )
  const [whole] = logs
  const cut = whole!.texts.slice(0, 30)
  const report = await verify([...logs.slice(1).flatMap(({ texts }) => texts), ...cut])
  const usual = logs[1]!.size - 1 - logs[1]!.lastSignedSize
  expect(report.logs.find(({ log }) => log === whole!.log)).toMatchObject({
    usualUnsealed: { seconds: usual, logs: 2 },
  })
})

test('a log that is alone has nothing beside it', async () => {
  const report = await verify((await killed(0, 'a')).texts)
  expect(report.logs[0]).not.toHaveProperty('usualUnsealed')
})
