import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { createSignedTokens } from '../../src/token/signed-tokens.ts'

const SIGNATURE = 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.${SIGNATURE}`

test('a signed token is found again in another string', () => {
  const tokens = createSignedTokens<string>(4, crc32)
  tokens.add(TOKEN, 'alice')
  expect(tokens.find(Buffer.from(TOKEN).toString())).toBe('alice')
})

test('a token with another payload and the same signature is not taken for it', () => {
  const tokens = createSignedTokens<string>(4, crc32)
  tokens.add(TOKEN, 'alice')
  expect(tokens.find(TOKEN.replace('eyJzdWIiOiJhbGljZSJ9', 'eyJzdWIiOiJjYXJvbCJ9'))).toBeUndefined()
})

test('a token with the same signature and checksum, but of another length, is not taken for it', () => {
  const tokens = createSignedTokens<string>(4, () => 7)
  tokens.add(TOKEN, 'alice')
  expect(tokens.find(`x${TOKEN}`)).toBeUndefined()
})

test('a token whose last part is shorter than what is looked at is not kept', () => {
  const tokens = createSignedTokens<string>(4, crc32)
  const unsigned = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.'
  const encrypted = `a.b.c.${'d'.repeat(40)}.${'t'.repeat(22)}`
  for (const token of [unsigned, encrypted, 'short', '']) {
    tokens.add(token, 'somebody')
    expect(tokens.find(token)).toBeUndefined()
  }
})

test('tokens beyond the bound are forgotten', () => {
  const tokens = createSignedTokens<number>(2, crc32)
  const numbered = (index: number): string => `a.b.${String(index).padStart(43, 's')}`
  for (let index = 0; index < 5; index += 1) tokens.add(numbered(index), index)
  expect(tokens.find(numbered(0))).toBeUndefined()
  expect(tokens.find(numbered(4))).toBe(4)
})
