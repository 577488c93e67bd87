import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endTornLines } from '../../src/collector/torn-lines.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokentrail-torn-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('endTornLines', () => {
  it('ends a torn line and changes no other byte of any file', async () => {
    const files = { 'a.jsonl': '{}\n{"tor', 'b.jsonl': '{}\n', 'c.jsonl': '', 'd.txt': 'torn' }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    expect(await endTornLines(folder)).toEqual(['a.jsonl'])
    expect(await readFile(join(folder, 'a.jsonl'), 'utf8')).toBe('{}\n{"tor\n')
    for (const name of ['b.jsonl', 'c.jsonl', 'd.txt'] as const) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(files[name])
    }
  })

  it('has nothing to do in a folder that does not exist', async () => {
    expect(await endTornLines(join(folder, 'none'))).toEqual([])
  })
})
