import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type UnreadablePart, readExport } from '@tokentrail/exporter'
import { gunzip } from '../../src/store/gunzip.ts'
import { splitLines } from '../../src/store/lines.ts'
import { temporaryFolder } from '../support/folder.ts'

const logs = (...bodies: unknown[]) =>
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: bodies.map((body) => ({
              timeUnixNano: '1795470000123456789',
              severityNumber: 9,
              eventName: 'oauth.request',
              body,
              attributes: [
                { key: 'a', value: { stringValue: 'x' } },
                { key: 'b', value: { intValue: '200' } },
                { key: 'c', value: { arrayValue: { values: [{ stringValue: 'y' }] } } },
                { key: 'd', value: { boolValue: false } },
                { key: '__proto__', value: { stringValue: 'z' } },
              ],
            })),
          },
        ],
      },
    ],
  })

const text = (value: string) => ({ stringValue: value })

async function readAll(path: string, maxLineBytes?: number) {
  const unreadable: UnreadablePart[] = []
  const bodies: string[] = []
  const options = { onUnreadable: (part: UnreadablePart) => unreadable.push(part) }
  const bound = maxLineBytes === undefined ? {} : { maxLineBytes }
  for await (const { body } of readExport([path], { ...options, ...bound })) bodies.push(body)
  return { bodies, unreadable: unreadable.map(({ line, reason }) => `${line}: ${reason}`) }
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('an export', () => {
  it('gives records with decoded attributes and where they stood', async () => {
    const path = file('logs.jsonl', `${logs(text('one'))}\n${logs(text('two'))}\n`)
    const records = []
    for await (const record of readExport([path])) records.push(record)
    expect(records).toHaveLength(2)
    expect(records[1]).toMatchObject({
      body: 'two',
      eventName: 'oauth.request',
      timeUnixNano: '1795470000123456789',
      severityNumber: 9,
      source: { file: path, line: 2 },
    })
    expect(Object.entries(records[1]?.attributes ?? {})).toEqual([
      ['a', 'x'],
      ['b', 200],
      ['c', ['y']],
      ['d', false],
      ['__proto__', 'z'],
    ])
  })

  it('may have CRLF, blank lines, no newline at the end, other signals and other logs', async () => {
    const lines = [
      logs(text('one')),
      '',
      '  ',
      '{"resourceSpans":[]}',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{}}}]}]}]}',
      '{"resourceLogs":[]}',
      logs(text('two'), text('three')),
    ]
    const { bodies, unreadable } = await readAll(file('logs.json', lines.join('\r\n')))
    expect(bodies).toEqual(['one', 'two', 'three'])
    expect(unreadable).toEqual([])
  })

  it('may hold log records of others, and records whose event name a store dropped', async () => {
    const record = '{"index":7,"log":"a/b/c","time":"1","type":"oauth.request","v":1}'
    const records = [
      { body: text('order 7 accepted'), eventName: 'app.order' },
      { body: text('{"level":30,"type":"request"}') },
      { body: text(record) },
      { body: text(`${record} altered`), eventName: 'app.order' },
      { body: text('no record any more'), eventName: 'tokentrail.log.close' },
    ]
    const line = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] })
    const { bodies, unreadable } = await readAll(file('logs.json', line))
    expect(bodies).toEqual([record, `${record} altered`, 'no record any more'])
    expect(unreadable).toEqual([])
  })

  it('is read recursively, in the order of the names, and nothing but exports', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'b', 'c'), { recursive: true })
    writeFileSync(join(folder, 'b', 'c', 'x.ndjson'), logs(text('third')))
    writeFileSync(join(folder, 'a.json'), logs(text('first')))
    writeFileSync(join(folder, 'b', 'a.jsonl.gz'), gzipSync(logs(text('second'))))
    writeFileSync(join(folder, 'root.pem'), 'not an export')
    expect(await readAll(folder)).toEqual({ bodies: ['first', 'second', 'third'], unreadable: [] })
  })

  it('is read through links, each folder once, and a link to nothing is reported', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(other, 'real.jsonl'), logs(text('linked')))
    symlinkSync(other, join(folder, 'today'))
    symlinkSync(folder, join(other, 'round'))
    symlinkSync(join(other, 'real.jsonl'), join(folder, 'z.jsonl'))
    symlinkSync('nowhere', join(folder, 'lost.jsonl'))
    expect(await readAll(folder)).toEqual({
      bodies: ['linked', 'linked'],
      unreadable: ['1: a link to nothing'],
    })
  })

  it.each([
    ['the first', ['evil', 'x']],
    ['the last', ['x', 'evil']],
  ])('shows an attribute that is there twice, whether %s is the forged one', async (_, values) => {
    const attributes = values.map((value) => ({ key: 'a', value: text(value) }))
    const line = JSON.stringify({
      resourceLogs: [
        { scopeLogs: [{ logRecords: [{ eventName: 'oauth.x', body: text(''), attributes }] }] },
      ],
    })
    const records = []
    for await (const record of readExport([file('a.json', line)])) records.push(record)
    expect(records[0]?.attributes?.['a']).toEqual([
      ...values,
      'a member that is there several times',
    ])
  })

  it('says which service its resource names', async () => {
    const attributes = [{ key: 'service.name', value: text('orders') }]
    const named = logs(text('a')).replace(
      '{"scopeLogs"',
      `{"resource":${JSON.stringify({ attributes })},"scopeLogs"`,
    )
    const services = []
    for await (const { serviceName } of readExport([
      file('a.jsonl', `${named}\n${logs(text('b'))}`),
    ]))
      services.push(serviceName)
    expect(services).toEqual(['orders', undefined])
  })

  it('may nest attributes as deeply as it likes', async () => {
    const depth = 20_000
    const deep = `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`
    const line = logs(text('deep')).replace('{"stringValue":"x"}', deep)
    expect(await readAll(file('a.json', line))).toEqual({ bodies: ['deep'], unreadable: [] })
  })

  it.each([
    ['a torn line', logs(text('x')).slice(0, -3), 'not one whole JSON value'],
    ['bytes without JSON', 'garbage', 'bytes that are no JSON'],
    ['a list that holds no object', '["x"]', 'not a shape of an export that holds log records'],
    ['another JSON', '{"hits":[]}', 'not a shape of an export that holds log records'],
    ['a record without text', logs({ kvlistValue: {} }), 'a record whose body is no text'],
    ['a record without body', logs(undefined), 'a record whose body is no text'],
  ])('reports %s, and reads on behind it', async (_, line, reason) => {
    const path = file('logs.jsonl', `${logs(text('one'))}\n${line}\n${logs(text('two'))}\n`)
    expect(await readAll(path)).toEqual({ bodies: ['one', 'two'], unreadable: [`2: ${reason}`] })
  })

  it.each([
    ['a second value', ` ${logs(text('y'))}`, ['x', 'y'], 'a second JSON value on the line'],
    ['an empty second value', '{"resourceLogs":[]}', ['x'], 'a second JSON value on the line'],
    ['bytes', 'garbage', ['x'], 'bytes that are no JSON'],
  ])('with %s behind a value on its line is read, and reported', async (_, tail, found, reason) => {
    const lines = [logs(text('one')), `${logs(text('x'))}${tail}`, logs(text('two'))]
    expect(await readAll(file('logs.jsonl', lines.join('\n')))).toEqual({
      bodies: ['one', ...found, 'two'],
      unreadable: [`2: ${reason}`],
    })
  })

  it('reports bytes that are not UTF-8 instead of reading something else', async () => {
    const line = Buffer.from(logs(text('x')))
    line[line.indexOf('"x"') + 1] = 0xff
    expect(await readAll(file('logs.jsonl', line))).toEqual({
      bodies: [],
      unreadable: ['1: not UTF-8'],
    })
  })

  it('reports a line that is too long, and reads on behind it', async () => {
    const path = file('logs.jsonl', `${logs(text('x'.repeat(5000)))}\n${logs(text('two'))}\n`)
    expect(await readAll(path, 2000)).toEqual({
      bodies: ['two'],
      unreadable: ['1: value is longer than the bound'],
    })
  })

  it('without anybody to report to is refused at the first thing that cannot be read', async () => {
    const records = readExport([file('logs.jsonl', '{"a":"top-secret"')])
    await expect(records.next()).rejects.toMatchObject({
      code: 'ERR_EXPORTER_EXPORT_UNREADABLE',
      message: expect.not.stringContaining('secret'),
    })
  })

  it('that does not exist is an error that names it', async () => {
    await expect(readExport(['/nowhere/export']).next()).rejects.toMatchObject({
      code: 'ERR_EXPORTER_EXPORT_UNREADABLE',
      message: expect.stringContaining('/nowhere/export'),
    })
  })
})

it('tells of control characters behind a value, which are no white space of JSON', async () => {
  const lines = [logs(text('one')) + '\0', logs(text('two')) + ' \t\r', logs(text('three'))]
  expect(await readAll(file('logs.jsonl', lines.join('\n')))).toEqual({
    bodies: ['one', 'two', 'three'],
    unreadable: ['1: bytes that are no JSON'],
  })
})

describe('a compressed export', () => {
  const one = gzipSync(`${logs(text('one'))}\n`)
  const two = gzipSync(`${logs(text('two'))}\n`)

  it.each([
    ['several members', Buffer.concat([one, two]), ['one', 'two'], []],
    ['nothing', Buffer.alloc(0), [], []],
    [
      'garbage behind a member',
      Buffer.concat([one, Buffer.from('garbage-garbage')]),
      ['one'],
      ['2: bytes that are not gzip'],
    ],
    [
      'one byte behind a member',
      Buffer.concat([one, Buffer.from([0x1f])]),
      ['one'],
      ['2: torn gzip data'],
    ],
    [
      'zeros behind a member',
      Buffer.concat([one, Buffer.alloc(20)]),
      ['one'],
      ['2: bytes that are not gzip'],
    ],
    [
      'zeros between members',
      Buffer.concat([one, Buffer.alloc(512), two]),
      ['one'],
      ['2: bytes that are not gzip'],
    ],
    [
      'a torn member',
      Buffer.concat([one, two.subarray(0, -9)]),
      ['one', 'two'],
      ['3: torn gzip data'],
    ],
    ['no gzip at all', Buffer.from('packed otherwise'), [], ['1: bytes that are not gzip']],
  ])('of %s', async (_, bytes, bodies, unreadable) => {
    expect(await readAll(file('logs.jsonl.gz', bytes))).toEqual({ bodies, unreadable })
  })

  it('with any flipped bit is reported, or gives exactly what was in it', async () => {
    const whole = gzipSync('some text that is packed\n')
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const outcome = await Array.fromAsync(gunzip(chunked(flipped, 1000))).then(
        (parts) => Buffer.concat(parts).toString(),
        (error: Error) => error.name,
      )
      expect(['some text that is packed\n', 'GzipError']).toContain(outcome)
    }
  })

  it('is the same however it is cut into chunks', async () => {
    const members = fc.array(fc.string({ maxLength: 200 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(members, fc.integer({ min: 1, max: 50 }), async (members, size) => {
        const packed = Buffer.concat(members.map((member) => gzipSync(member)))
        const parts: Buffer[] = []
        for await (const part of gunzip(chunked(packed, size))) parts.push(part)
        expect(Buffer.concat(parts).toString()).toBe(members.join(''))
      }),
      { numRuns: 30 },
    )
  })
})

describe('splitting lines', () => {
  it('is the same however the bytes are cut into chunks', async () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,9}$/), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 30 }), async (lines, size) => {
        const found: string[] = []
        const bytes = Buffer.from(`${lines.join('\n')}\n`)
        for await (const line of splitLines(chunked(bytes, size), 100)) {
          found.push(line.bytes.toString())
          expect(line.number).toBe(found.length)
        }
        expect(found).toEqual(lines)
      }),
    )
  })
})
