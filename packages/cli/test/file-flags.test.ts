import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'
import { runMain } from './support/run.ts'

const folder = (): { readonly at: (name: string) => string } => {
  const path = temporaryFolder()
  mkdirSync(join(path, 'dir'))
  writeFileSync(join(path, 'file'), '')
  writeFileSync(join(path, 'export.jsonl'), '{"resourceLogs":[]}\n')
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  writeFileSync(join(path, 'root.json'), JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }))
  return { at: (name) => join(path, name) }
}

const NOW = BigInt(Date.parse('2026-11-24T10:00:00Z')) * 1_000_000n
const GONE = 'cannot be read (ENOENT). Name one that exists.'
const IS_FOLDER = 'cannot be read (EISDIR). Name a file, not a folder.'

describe('a file that a flag names and that cannot be read', () => {
  it.each([
    ['verify', 'export.jsonl --root none', '--root', 'none', GONE],
    ['verify', 'export.jsonl --root dir', '--root', 'dir', IS_FOLDER],
    ['verify', 'export.jsonl --root root.json --registry none', '--registry', 'none', GONE],
    ['verify', 'export.jsonl --root root.json --policy none', '--policy', 'none', GONE],
    ['verify', 'export.jsonl --root root.json --policy dir', '--policy', 'dir', IS_FOLDER],
    ['verify', 'export.jsonl --root root.json --checkpoint none', '--checkpoint', 'none', GONE],
    ['verify', 'export.jsonl --root root.json --authority none', '--authority', 'none', GONE],
    ['prove', 'export.jsonl --session a --out o --root none', '--root', 'none', GONE],
    ['viewer', '--registry none', '--registry', 'none', GONE],
    ['drain', '. --erased none', '--erased', 'none', GONE],
    ['witness', 'w --name a --policy none', '--policy', 'none', GONE],
  ])('is named by %s %s: %s %s', async (command, line, flag, file, why) => {
    const { at } = folder()
    const args = line.split(' ').map((word) => (isFile(word) ? at(word) : word))
    const ran = await runMain([command, ...args], { now: NOW })
    expect(ran.err[0]).toBe(`tokentrail ${command}: ${flag} ${at(file)} ${why}`)
    expect(ran).toMatchObject({ code: 2, out: '' })
  })

  it.each([
    ['verify', 'export.jsonl --root root.json', ['registry', 'policy', 'checkpoint', 'authority']],
    ['drain', '.', ['erased']],
  ])('is asked for where it is empty: %s %s', async (command, line, flags) => {
    const { at } = folder()
    const args = line.split(' ').map((word) => (isFile(word) ? at(word) : word))
    for (const flag of flags) {
      const { code, err } = await runMain([command, ...args, `--${flag}=`])
      expect(err[0]).toBe(`tokentrail ${command}: --${flag} is empty; name a file or folder`)
      expect(code).toBe(2)
    }
  })

  it.each(['export', 'erase'])('is named by %s as a store', async (command) => {
    const { at } = folder()
    const ran = await runMain([command, '--pseudonym', 'a'.repeat(22), at('none')])
    expect(ran.err).toEqual([`tokentrail ${command}: the store ${at('none')} ${GONE}`])
    expect(ran.code).toBe(1)
  })
})

describe('a file that a flag names and that cannot be written', () => {
  const session = ['--session', 'a']

  it.each([
    ['is there already', 'file', 'file', '(EEXIST). It is there already; name another file.'],
    ['is below a file', 'file/x', 'file/x', '(ENOTDIR). A part of the path is no folder;'],
  ])('is named by prove before any work is done, where it %s', async (_, name, shown, why) => {
    const { at } = folder()
    const roots = ['--root', at('root.json')]
    const args = ['prove', ...session, '/none/of/this', ...roots, '--out', at(name)]
    const { code, err } = await runMain(args)
    expect(err[0]).toContain(`prove: --out ${at(shown)} cannot be written ${why}`)
    expect(code).toBe(1)
  })

  it('is named by prove, where it is the folder of proofs', async () => {
    const { at } = folder()
    const args = ['--root', at('root.json'), '--out', at('new'), '--tlog-proofs', at('file')]
    const { code, err } = await runMain(['prove', ...session, at('export.jsonl'), ...args])
    expect(err[0]).toContain(`prove: --tlog-proofs ${at('file')} cannot be made (EEXIST).`)
    expect(code).toBe(1)
  })

  it('is named by keys init before a key is made', async () => {
    const { at } = folder()
    const args = ['keys', 'init', at('keys'), '--name', 'example.com', '--kubernetes', at('file')]
    const { code, err } = await runMain(args, { now: NOW })
    expect(err[0]).toContain(`keys: --kubernetes ${at('file')} cannot be written (EEXIST).`)
    expect(code).toBe(1)
    expect(existsSync(at('keys'))).toBe(false)
  })

  it('is named by erase before anything is erased', async () => {
    const { at } = folder()
    const args = ['erase', '--pseudonym', 'a'.repeat(22), at('export.jsonl'), '--record', at('dir')]
    const { code, err } = await runMain(args)
    expect(err[0]).toContain(`erase: --record ${at('dir')} cannot be written (EEXIST).`)
    expect(code).toBe(1)
  })

  it.skipIf(process.getuid?.() === 0)('is named where the folder may not be written', async () => {
    const { at } = folder()
    chmodSync(at('dir'), 0o500)
    const args = ['--root', at('root.json'), '--out', at('dir/new')]
    const { err } = await runMain(['prove', ...session, at('export.jsonl'), ...args])
    expect(err[0]).toContain('cannot be written (EACCES). Give this user access to it.')
    expect(readdirSync(at('dir'))).toEqual([])
  })
})

function isFile(word: string): boolean {
  return ['none', 'dir', 'file', 'export.jsonl', 'root.json'].includes(word)
}
