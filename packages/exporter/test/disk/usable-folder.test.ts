import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveExporterOptions, useWritableFolder } from '@tokentrail/exporter'
import { temporaryFolder } from '../support/folder.ts'

function prepare() {
  const root = temporaryFolder()
  const memory = join(root, 'memory')
  mkdirSync(memory)
  writeFileSync(join(root, 'file'), '')
  const settingsOf = (directory: string) => resolveExporterOptions({ directory }, {})
  /** Nobody, root included, can make a folder below a file. */
  const unusable = settingsOf(join(root, 'file', 'tokentrail'))
  return { root, memory, settingsOf, unusable }
}

describe('a folder that can be written', () => {
  it('is taken as it is, and made where it is missing, and nothing is left in it', () => {
    const { root, memory, settingsOf } = prepare()
    const settings = settingsOf(join(root, 'new', 'folder'))
    expect(useWritableFolder(settings, [memory])).toEqual({ settings })
    expect(readdirSync(settings.directory)).toEqual([])
    expect(readdirSync(memory)).toEqual([])
  })
})

describe('a folder that cannot be written', () => {
  it('is replaced by one in memory, always the same, with keys in it', () => {
    const { memory, unusable } = prepare()
    const { settings, warning } = useWritableFolder(unusable, [memory])
    expect(settings.directory.startsWith(join(memory, 'tokentrail-'))).toBe(true)
    expect(settings.signingKeyFile).toBe(join(settings.directory, 'keys', 'signing.jwk.json'))
    expect(settings.rootKeyFile).toBe(join(settings.directory, 'keys', 'root.jwk.json'))
    expect(warning).toContain('KEPT IN MEMORY')
    expect(warning).toContain('TOKENTRAIL_DIR')
    expect(useWritableFolder(unusable, [memory]).settings.directory).toBe(settings.directory)
  })

  it('keeps keys of another place, and those that are in it', () => {
    const { root, memory } = prepare()
    const directory = join(root, 'folder')
    mkdirSync(join(directory, 'keys'), { recursive: true })
    // In the way of the file that would show that the folder can be written.
    mkdirSync(join(directory, `.probe-${process.pid}`))
    writeFileSync(join(directory, 'keys', 'pseudonym.jwk.json'), '')
    const signingKeyFile = join(root, 'mounted.jwk.json')
    const settings = resolveExporterOptions({ directory, signingKeyFile }, {})
    const { settings: used } = useWritableFolder(settings, [memory])
    expect(used.signingKeyFile).toBe(signingKeyFile)
    expect(used.pseudonymKeyFile).toBe(join(directory, 'keys', 'pseudonym.jwk.json'))
  })

  it('goes on to the next place where the first is not usable either', () => {
    const { root, memory, unusable } = prepare()
    const { settings } = useWritableFolder(unusable, [join(root, 'file'), memory])
    expect(settings.directory.startsWith(memory)).toBe(true)
  })

  it('is not replaced by what somebody else has put in its place', () => {
    const { root, memory, unusable } = prepare()
    const name = useWritableFolder(unusable, [memory]).settings.directory.split('/').at(-1) ?? ''
    const shared = join(root, 'shared')
    mkdirSync(shared)
    mkdirSync(join(root, 'elsewhere'), { mode: 0o700 })
    symlinkSync(join(root, 'elsewhere'), join(shared, name))
    const open = join(root, 'open')
    mkdirSync(join(open, name), { recursive: true })
    chmodSync(join(open, name), 0o777)
    expect(() => useWritableFolder(unusable, [shared, open])).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_DIRECTORY_UNUSABLE' }),
    )
    expect(existsSync(join(root, 'elsewhere', 'keys'))).toBe(false)
  })
})
