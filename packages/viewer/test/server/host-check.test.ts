import { describe, expect, it } from 'vitest'
import { isAllowedHost } from '../../src/server/host-check.ts'

describe('isAllowedHost', () => {
  it.each([
    ['localhost', true],
    ['LOCALHOST:4319', true],
    ['127.0.0.1:4319', true],
    ['[::1]:4319', true],
    ['viewer.internal:80', true],
    ['evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['127.evil', false],
    ['10.0.0.1', false],
    ['[::2]', false],
    ['', false],
    [undefined, false],
    ['localhost:99999999', false],
  ])('%s: %s', (header, allowed) => {
    expect(isAllowedHost(header, ['viewer.internal'])).toBe(allowed)
  })
})
