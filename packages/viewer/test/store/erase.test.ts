import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseFromStore, readStoreTexts } from '../../src/store/erase.ts'
import { openStore } from '../../src/store/store.ts'
import { buildIdentityText, buildText, pseudonym } from '../texts.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokentrail-erase-'))
  path = join(directory, 'store.sqlite')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const ALICE = pseudonym('alice')
const texts = [
  { text: buildText({ attributes: { 'user.hash': ALICE } }) },
  { text: buildIdentityText('sub', ALICE, 'alice@example.com', 'i') },
  { text: buildIdentityText('sub', pseudonym('bob'), 'bob', 'i') },
]

const bytes = (): string =>
  readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join()

describe('erasing from a store', () => {
  it('leaves no byte of the value, keeps the evidence, and what is sent again stays away', () => {
    const store = openStore(path)
    store.append(texts)
    expect(eraseFromStore(path, [ALICE], { dryRun: true })).toEqual({
      identities: 1,
      isClean: true,
    })
    expect(store.tables.identities.valueOf('sub', ALICE)).toBe('alice@example.com')
    expect(eraseFromStore(path, [ALICE])).toEqual({ identities: 1, isClean: true })
    expect(store.tables.identities.valueOf('sub', ALICE)).toBeNull()
    expect(store.tables.identities.valueOf('sub', pseudonym('bob'))).toBe('bob')
    expect(store.append(texts)).toMatchObject({ identities: 0, duplicates: 3 })
    expect(store.records).toBe(1)
    expect(bytes()).not.toContain('alice@example.com')
    store.close()
    const left = [...readStoreTexts(path)]
    expect(left.map(({ kind }) => kind)).toEqual(['record', 'identity'])
    expect(left[1]?.text).toContain('bob')
  })

  it('brings a store of the layout before to this one', () => {
    openStore(path).close()
    const database = new DatabaseSync(path)
    database.exec('DROP TABLE erased; PRAGMA user_version = 1')
    database.close()
    const reader = openStore(path, { readOnly: true })
    expect(reader.records).toBe(0)
    reader.close()
    expect(eraseFromStore(path, [ALICE])).toEqual({ identities: 0, isClean: true })
    const store = openStore(path)
    expect(store.append(texts)).toMatchObject({ stored: 1, identities: 1 })
    store.close()
  })

  it('says what is wrong with a file that is no store', () => {
    expect(() => eraseFromStore(join(directory, 'none', 'store.sqlite'), [])).toThrow(
      expect.objectContaining({ code: 'ERR_VIEWER_STORE_UNREADABLE' }) as Error,
    )
  })
})
