import { expect, test } from 'vitest'
import {
  createCosigner,
  createNoteSigner,
  formatVerifierKey,
  isQuorumMet,
  parseTlogPolicy,
} from '../src/index.ts'
import { seedOf } from './log-builder.ts'

const key = (byte: number): string =>
  formatVerifierKey(createCosigner(`w${byte}.example.com`, seedOf(byte)).key)
const log = formatVerifierKey(createNoteSigner('registry.example.com', seedOf(9)).key)

const POLICY = `# witnesses of the registry
log ${log} https://registry.example.com/

witness W1 ${key(1)} https://w1.example.com
witness W2 ${key(2)}
witness W3 ${key(3)}
group near any W1 W2
group most 2 near W3
quorum most
`

test('a policy names logs, witnesses, groups and a quorum', () => {
  const policy = parseTlogPolicy(POLICY)
  expect(policy.logs.map(({ key, url }) => [key.name, url])).toEqual([
    ['registry.example.com', 'https://registry.example.com/'],
  ])
  expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
    ['W1', 'https://w1.example.com'],
    ['W2', undefined],
    ['W3', undefined],
  ])
  expect(policy).toMatchObject({ quorum: 'most' })
})

test.each([
  [[], false],
  [['W1', 'W2'], false],
  [['W3'], false],
  [['W1', 'W3'], true],
  [['W1', 'W2', 'W3'], true],
])('its quorum after %j: %s', (names, met) => {
  expect(isQuorumMet(parseTlogPolicy(POLICY), (name) => names.includes(name))).toBe(met)
})

test('none needs nobody', () => {
  expect(isQuorumMet(parseTlogPolicy('quorum none\n'), () => false)).toBe(true)
})

const w1 = `witness W1 ${key(1)}\n`
test.each([
  ['no quorum', w1],
  ['two quorums', 'quorum none\nquorum none\n'],
  ['an unknown quorum', `${w1}quorum W2\n`],
  ['an unknown word', 'sometimes W1\nquorum none'],
  ['a name that is taken', `${w1}witness W1 ${key(2)}\nquorum W1`],
  ['a witness that is called none', `witness none ${key(2)}\nquorum none`],
  ['a member that comes later', `group g any W1\n${w1}quorum g`],
  ['a member of two groups', `${w1}group g any W1\ngroup h any W1\nquorum g`],
  ['a member twice', `${w1}group g any W1 W1\nquorum g`],
  ['a number above its members', `${w1}group g 2 W1\nquorum g`],
  ['a group of nobody', `group g any\nquorum g`],
  ['zero of a group', `${w1}group g 0 W1\nquorum g`],
  ['a note key for a witness', `witness W1 ${log}\nquorum W1`],
  ['one key under two names', `${w1}witness W2 ${key(1)}\nquorum W1`],
  ['a third word behind a log', `log ${log} a b\nquorum none`],
])('a policy with %s is refused', (_, text) => {
  expect(() => parseTlogPolicy(text)).toThrow(
    expect.objectContaining({ code: 'ERR_LEDGER_ENCODING_INVALID' }) as Error,
  )
})
