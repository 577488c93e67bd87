import { expect, test } from 'vitest'
import type { VerificationReport, VerifyOptions } from '../src/index.ts'
import { ROOT, START_SECONDS, buildTestLog, signCertificate } from './log-builder.ts'
import { named, rewrite, verify } from './verify-harness.ts'
import vector from './vectors/whole-log.json' with { type: 'json' }

const report = async (
  options: Parameters<typeof buildTestLog>[0],
  roots: VerifyOptions['roots'] = [ROOT],
): Promise<VerificationReport> => verify((await buildTestLog(options)).texts, { roots })

test.each([
  ['names what is no origin', { certificate: { log: 'a log' } }],
  ['names another log', { certificate: { log: 'orders/0/other' } }],
  ['has another typ', { certificate: { typ: 'JWT' } }],
  ['has a typ that every object has', { certificate: { typ: 'constructor' } }],
  ['holds another key', { certificate: { keyByte: 9 } }],
  ['is signed by nobody known', { certificate: { rootKey: vector.instanceKey } }],
  ['lives longer than a day', { certificate: { exp: START_SECONDS + 86_401 } }],
  ['ends before it begins', { certificate: { exp: START_SECONDS } }],
])('one that %s gives an unknown key', async (_, options) => {
  const result = await report(options)
  expect(result).toMatchObject({ verdict: 'UNKNOWN_KEY', exitCode: 27 })
  expect(result.findings.every(({ verdict }) => verdict !== 'ALTERED')).toBe(true)
})

test('unsigned ones and garbage are refused', async () => {
  const { texts } = await buildTestLog()
  const parts = (JSON.parse(texts[0]!) as { certificate: string }).certificate.split('.')
  const none = Buffer.from('{"alg":"none","typ":"log-cert+jwt"}').toString('base64url')
  for (const certificate of [`${none}.${parts[1]}.`, parts.slice(0, 2).join('.'), '', 1, {}]) {
    const open = rewrite(texts[0]!, (record) => (record['certificate'] = certificate))
    expect((await verify(texts.with(0, open))).verdict).toBe('UNKNOWN_KEY')
  }
})

test('without roots nobody is trusted; with several the right one is found', async () => {
  expect((await report({}, [])).verdict).toBe('UNKNOWN_KEY')
  const other = { kty: 'OKP', crv: 'Ed25519', x: vector.instanceKey.x }
  expect((await report({}, [other, { kty: 'RSA' }, ROOT])).verdict).toBe('VALID_SEALED')
  expect(
    (
      await report({}, [
        { ...other, kid: 'a' },
        { ...ROOT, kid: 'b' },
      ])
    ).verdict,
  ).toBe('VALID_SEALED')
})

test('self-issued keys are told', async () => {
  const result = await report({ issuer: 'self-issued' })
  expect(result).toMatchObject({ verdict: 'VALID_SEALED', selfIssued: true })
  expect(result.logs[0]?.selfIssued).toBe(true)
  expect(result.remarks.join(' ')).toMatch(/Self-issued/)
})

test('records and checkpoints outside its life are found', async () => {
  const early = await report({ certificate: { nbf: START_SECONDS + 10, exp: START_SECONDS + 99 } })
  expect(early).toMatchObject({ verdict: 'EXPIRED_KEY', exitCode: 27 })
  expect(named(early, 'EXPIRED_KEY')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const late = await report({ certificate: { exp: START_SECONDS + 45 } })
  expect(named(late, 'EXPIRED_KEY')).toEqual([45, 46, 47, 48, 49])
})

test('records signed again with the live key of another log do not pass', async () => {
  const old = await buildTestLog({ log: 'orders/0/old' })
  const resealed = await buildTestLog({ log: 'orders/0/old', keyByte: 9 })
  const texts = [old.texts[0]!, ...resealed.texts.slice(1)]
  expect((await verify(texts)).verdict).toBe('UNKNOWN_KEY')
  const live = await signCertificate('orders/0/live', { keyByte: 9 })
  const open = rewrite(old.texts[0]!, (record) => (record['certificate'] = live))
  expect((await verify(texts.with(0, open))).verdict).toBe('UNKNOWN_KEY')
})

test('a second log.open is found, at its own index and at index 0', async () => {
  const log = 'orders/0/test-log'
  const certificate = await signCertificate(log)
  const extras = [{ type: 'tokentrail.log.open', certificate }]
  expect((await report({ extras })).verdict).toBe('UNKNOWN_KEY')
  const { texts } = await buildTestLog()
  const second = rewrite(texts[0]!, (record) => (record['time'] = `${START_SECONDS}000000000`))
  const twice = await verify([...texts, second])
  expect(twice).toMatchObject({ verdict: 'FORGED_DUP' })
  expect(named(twice, 'FORGED_DUP')).toEqual([0])
})
