import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPolicyFile } from '../src/policy-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-policy-'))
const path = join(folder, 'tokentrail.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string): ReturnType<typeof readPolicyFile> {
  writeFileSync(path, text)
  return readPolicyFile(path)
}

describe('readPolicyFile', () => {
  it('reads a policy', () => {
    const policy = read('routes:\n  - match: /v1/patients/**\n    frameworks: [hipaa]\n')
    expect(policy.routes).toEqual([{ match: '/v1/patients/**', frameworks: ['hipaa'] }])
  })

  it('takes an empty file for the empty policy', () => {
    expect(read('# nothing yet\n').routes).toEqual([])
  })

  it.each([
    ['routes:\n  - match: /v1/**\n    frameworks: [hipaa]\n  - match: v1\n', 4, 'routes[1].match'],
    ['routes:\n  - match: /a\n    frameworks: [hipaa, "No Name"]\n', 3, 'routes[0].frameworks[1]'],
    ['routes:\n  - frameworks: [hipaa]\n', 2, 'routes[0].match is missing'],
    ['default: {}\n\nroute: []\n', 3, '"route"'],
    ['routes: [\n', 2, 'in YAML'],
    ['routes: []\nroutes: []\n', 2, 'in YAML'],
    ['- 1\n', 1, 'the policy'],
  ])('names file, line and path of the mistake in %j', (text, line, words) => {
    expect(() => read(text)).toThrow(`${path}:${line}: `)
    expect(() => read(text)).toThrow(words)
    expect(() => read(text)).toThrow(
      expect.objectContaining({ name: 'RecordingError', code: 'ERR_NODE_CONFIG_MALFORMED' }),
    )
  })

  it('refuses aliases that would expand without end', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [index, name] of 'bcdefg'.split('').entries()) {
      const last = 'abcdef'[index] ?? ''
      lines.push(`${name}: &${name} [${`*${last}, `.repeat(10)}]`)
    }
    expect(() => read(lines.join('\n'))).toThrow('aliases expand too far')
  })

  it('says that a file cannot be read, and which variable names it', () => {
    const missing = join(folder, 'missing.yaml')
    expect(() => readPolicyFile(missing)).toThrow(
      expect.objectContaining({
        code: 'ERR_NODE_CONFIG_UNREADABLE',
        message: expect.stringContaining(`${missing} cannot be read (ENOENT)`) as string,
      }),
    )
    writeFileSync(path, '#'.repeat(1_048_577))
    expect(() => readPolicyFile(path)).toThrow('larger than 1048576 bytes')
  })
})
