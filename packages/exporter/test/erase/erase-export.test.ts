import {
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { eraseFromExport } from '@tokentrail/exporter'
import { encodeIdentity } from '@tokentrail/session'
import { describe, expect, it } from 'vitest'
import { eraseFromJson } from '../../src/erase/erase-json.ts'
import { temporaryFolder } from '../support/folder.ts'

const ALICE = 'zyDOnUauNBpPoVwqDQ7LzQ'
const BOB = 'bAm6U-1IfoR8zYXYdIUdmA'
const alice = { pseudonyms: new Set([ALICE]), values: ['alice'] }

function identity(pseudonym: string, value: string): { text: string; json: string } {
  const issuer = 'https://as.example.com'
  return encodeIdentity({ kind: 'sub', issuer, pseudonym, value }, 'orders/0/u', '1', 'k.1')
}

const record = `{"timeUnixNano":1795466400500000001,"eventName":"oauth.request","body":{"stringValue":"{\\"attributes\\":{\\"user.hash\\":\\"${ALICE}\\"},\\"type\\":\\"oauth.request\\"}"}}`
const line = (...records: string[]): string =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records.join(',')}]}]}]}`

describe('erasing from JSON', () => {
  it('takes the identity out of an OTLP message and leaves every digit of the rest', () => {
    const { json } = identity(ALICE, 'alice')
    const other = identity(BOB, 'bob').json
    const erased = eraseFromJson(line(record, json, other), alice.pseudonyms)
    expect(erased).toEqual({ text: line(record, other), identities: 1 })
  })

  it('takes hits out of a page, and a line of its own as a whole', () => {
    const { text } = identity(ALICE, 'alice')
    const hit = { _id: 'x', _source: { body: { text }, attributes: { a: 1 } } }
    const page = JSON.stringify({ hits: { total: 1, hits: [hit, { _source: { body: 'b' } }] } })
    expect(JSON.parse(eraseFromJson(page, alice.pseudonyms)?.text ?? '')).toEqual({
      hits: { total: 1, hits: [{ _source: { body: 'b' } }] },
    })
    const row = JSON.stringify({ result: { _raw: text } })
    expect(eraseFromJson(row, alice.pseudonyms)).toEqual({ text: undefined, identities: 1 })
  })

  it('leaves a text alone that names nobody who is to be erased, and what is no JSON', () => {
    const text = line(record, identity(BOB, 'bob').json)
    expect(eraseFromJson(text, alice.pseudonyms)).toEqual({ text, identities: 0 })
    expect(eraseFromJson('{"a":', alice.pseudonyms)).toBeUndefined()
    expect(eraseFromJson('{"__proto__":{"a":[1]}}', alice.pseudonyms)?.text).toContain('__proto__')
  })
})

describe('erasing from an export', () => {
  it('rewrites the lines that hold an identity, and no byte of the others', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'a.jsonl')
    const odd = '{ "resourceLogs" : [ ] }  \r\n'
    writeFileSync(file, `${odd}${line(identity(ALICE, 'alice').json, record)}\r\n${line(record)}`)
    const result = await eraseFromExport([folder], alice)
    expect(result).toEqual({
      files: [{ file, identities: 1, blankedBytes: 0, how: 'rewritten' }],
      residue: [],
    })
    expect(readFileSync(file, 'utf8')).toBe(`${odd}${line(record)}\r\n${line(record)}`)
    expect(readdirSync(folder)).toEqual(['a.jsonl'])
  })

  it('rewrites gzipped files of several members, and documents of many lines', async () => {
    const folder = temporaryFolder()
    const { text, json } = identity(ALICE, 'alice')
    const packed = join(folder, 'a.json.gz')
    writeFileSync(
      packed,
      Buffer.concat([gzipSync(`${line(json)}\n`), gzipSync(`${line(record)}\n`)]),
    )
    const document = join(folder, 'b.json')
    writeFileSync(document, JSON.stringify({ hits: [{ body: text }, { body: 'kept' }] }, null, 2))
    const { files, residue } = await eraseFromExport([folder], alice)
    expect(files.map(({ file, identities }) => [file, identities])).toEqual([
      [packed, 1],
      [document, 1],
    ])
    expect(residue).toEqual([])
    expect(gunzipSync(readFileSync(packed)).toString()).toBe(`${line()}\n${line(record)}\n`)
    expect(JSON.parse(readFileSync(document, 'utf8'))).toEqual({ hits: [{ body: 'kept' }] })
  })

  it('touches no file without an identity, and none at all on a dry run', async () => {
    const folder = temporaryFolder()
    const files = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl')] as const
    writeFileSync(files[0], `${line(record)}\n`)
    writeFileSync(files[1], `${line(identity(ALICE, 'alice').json)}\n`)
    for (const file of files) utimesSync(file, 1, 1)
    const { files: found } = await eraseFromExport([folder], alice, { dryRun: true })
    expect(found).toMatchObject([{ file: files[1], identities: 1 }])
    expect(files.map((file) => statSync(file).mtimeMs)).toEqual([1000, 1000])
    await eraseFromExport([folder], alice)
    expect(statSync(files[0]).mtimeMs).toBe(1000)
    expect((await eraseFromExport([folder], alice)).files).toEqual([])
  })

  it('names what it could not rewrite or search', async () => {
    const folder = temporaryFolder()
    const { text } = identity(ALICE, 'alice')
    writeFileSync(join(folder, 'rows.csv'), `_raw\n"${text.replaceAll('"', '""')}"\n`)
    writeFileSync(join(folder, 'old.jsonl.zst'), 'x')
    writeFileSync(join(folder, 'torn.json.gz'), gzipSync(line(record)).subarray(0, 20))
    symlinkSync('/nonexistent', join(folder, 'link.json'))
    const { files, residue } = await eraseFromExport([folder], alice)
    expect(files).toEqual([])
    expect(residue.map(({ file }) => file.slice(folder.length + 1)).sort()).toEqual([
      'link.json',
      'old.jsonl.zst',
      'rows.csv',
      'torn.json.gz',
    ])
    await expect(eraseFromExport([join(folder, 'none')], alice)).rejects.toMatchObject({
      code: 'ERR_EXPORTER_EXPORT_UNREADABLE',
    })
  })
})
