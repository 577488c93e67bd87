import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type UnreadablePart, readExport } from '@tokentrail/exporter'
import { type VerificationReport, verifyLogs } from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { toLogRecord } from '../../../../test/backends/log-record.ts'
import { type Shape, SHAPES } from '../../../../test/backends/shapes.ts'
import { ROOT, buildTestLog } from '../../../ledger/test/log-builder.ts'
import { temporaryFolder } from '../support/folder.ts'

const log = await buildTestLog({ count: 230, every: 25, frontierEvery: 3 })
const records = log.texts.map(toLogRecord)
const service = 'orders'

interface Outcome {
  readonly report: VerificationReport
  readonly unreadable: readonly string[]
}

async function verify(
  ...files: readonly (readonly [name: string, content: string | Uint8Array])[]
): Promise<Outcome> {
  const folder = temporaryFolder()
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  const parts: UnreadablePart[] = []
  const export_ = readExport([folder], { onUnreadable: (part) => parts.push(part) })
  const report = await verifyLogs(export_, { roots: [ROOT], route: '*' })
  return { report, unreadable: parts.map(({ line, reason }) => `${line}: ${reason}`) }
}

const write = (shape: Shape, of = records): [string, string | Uint8Array] => [
  shape.file,
  shape.write(of, service),
]

const UNTOUCHED = { report: { verdict: 'VALID_SEALED', findings: [] }, unreadable: [] }

describe.each(SHAPES)('$name', (shape) => {
  it('give every record, with copies that fit it', async () => {
    const outcome = await verify(write(shape))
    expect(outcome).toMatchObject(UNTOUCHED)
    expect(outcome.report.records).toBe(records.length)
  })

  it('may come in any order, twice, and in several files', async () => {
    const [name] = write(shape)
    const one = shape.write(records.slice(100).toReversed(), service)
    const two = shape.write(records.slice(0, 140), service)
    expect(await verify([`a-${name}`, one], [`b-${name}`, two])).toMatchObject(UNTOUCHED)
  })

  it('name the record whose text was altered, and the one that is missing', async () => {
    const text = records.at(57)!.body.stringValue
    const altered = {
      ...records.at(57)!,
      body: { stringValue: text.replace('"allow"', '"deny "') },
    }
    const { report } = await verify(write(shape, records.with(57, altered).toSpliced(120, 1)))
    expect(report.findings.filter(({ verdict }) => verdict !== 'PROJECTION_DIFFERS')).toMatchObject(
      [
        { verdict: 'ALTERED', index: 57 },
        { verdict: 'MISSING', index: 120 },
      ],
    )
  })
})

const named = (name: string): Shape => SHAPES.find((shape) => shape.name.startsWith(name))!

describe('a copy that was changed beside an unchanged text', () => {
  const changed = records.with(57, {
    ...records.at(57)!,
    attributes: records
      .at(57)!
      .attributes.map(({ key, value }) =>
        key === 'oauth.decision' ? { key, value: { stringValue: 'deny' } } : { key, value },
      ),
  })

  it.each(
    SHAPES.filter(({ name }) => !name.includes('body')).map(
      (shape) => [shape.name, shape] as const,
    ),
  )('is found in %s', async (_, shape) => {
    const { report } = await verify(write(shape, changed))
    expect(report.findings).toMatchObject([
      { verdict: 'PROJECTION_DIFFERS', index: 57, attribute: 'oauth.decision' },
    ])
  })
})

describe('a severity that was changed beside an unchanged text', () => {
  const changed = records.with(57, { ...records.at(57)!, severityNumber: 17 })

  it.each([
    'OTLP lines',
    'S3 objects, otlp_json',
    'hits of Elasticsearch, mode otel',
    'pages of a scroll, mode ecs',
    'documents of mode none',
    'documents of OpenSearch',
    'events as Splunk takes them',
  ])('is found in %s', async (name) => {
    const { report } = await verify(write(named(name), changed))
    expect(report.findings).toMatchObject([
      { verdict: 'PROJECTION_DIFFERS', index: 57, attribute: 'severityNumber' },
    ])
  })

  const line = (named('OTLP lines').write(records, service) as string).split('\n', 1).join('')
  it.each([
    ['"17"', 'severityNumber'],
    ['"SEVERITY_NUMBER_ERROR"', 'severityNumber'],
    ['"SEVERITY_NUMBER_INFO2"', 'severityNumber'],
    ['"loud"', 'severityNumber'],
    ['[9]', 'severityNumber'],
    ['9,"severityText":"ERROR"', 'severityText'],
    ['"SEVERITY_NUMBER_INFO"', undefined],
    ['"9"', undefined],
    ['"SEVERITY_NUMBER_UNSPECIFIED"', undefined],
    ['null', undefined],
    ['9,"severityText":"Info"', undefined],
    ['9,"severityText":""', undefined],
  ])('is found, or not, where it is written %s', async (written, attribute) => {
    const text = line.replace('"severityNumber":9', `"severityNumber":${written}`)
    const { report, unreadable } = await verify(['records.jsonl', text])
    const found = report.findings.filter(({ verdict }) => verdict === 'PROJECTION_DIFFERS')
    expect(unreadable).toEqual([])
    expect(found.map((finding) => finding.attribute)).toEqual(attribute ? [attribute] : [])
  })
})

describe('a member that is there twice in one JSON object', () => {
  const of = (name: string) => (named(name).write(records, service) as string).split('\n')
  const twice = (line: string, member: string, before: string) =>
    line.replace(`"${member}":`, `"${member}":${before},"${member}":`)

  it.each([
    ['OTLP lines', 'body', '{"stringValue":"x"}'],
    ['OTLP lines', 'attributes', '[]'],
    ['OTLP lines', 'stringValue', '"x"'],
    ['OTLP lines', 'eventName', '"x"'],
    ['OTLP lines', 'severityNumber', '17'],
    ['OTLP lines', 'logRecords', '[]'],
    ['OTLP lines', 'scopeLogs', '[]'],
    ['OTLP lines', 'resourceLogs', '[]'],
    ['hits of Elasticsearch', '_source', '{}'],
    ['hits of Elasticsearch', 'event_name', '"x"'],
    ['rows of Splunk, a line each', '_raw', '"x"'],
  ])('is reported in %s: %s', async (name, member, before) => {
    const lines = of(name)
    const text = lines.map((line, at) => (at === 1 ? twice(line, member, before) : line)).join('\n')
    const { report, unreadable } = await verify([named(name).file, text])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(unreadable).toEqual(['2: a member twice in one JSON object'])
  })

  it('is found however its name and the space around it are written', async () => {
    const [first = ''] = of('OTLP lines')
    for (const name of ['"bo\\u0064y" :', '\t"body"\r:', '"\\u0062ody":\t']) {
      const text = first.replace('"body":', `"body":{"stringValue":"x"},${name}`)
      expect((await verify(['records.jsonl', text])).unreadable).toEqual([
        '1: a member twice in one JSON object',
      ])
    }
  })

  it('is not taken for one where texts and names look like it', async () => {
    const other = { a: '"a":1,"a":2', b: [{ a: '\\' }, { a: '\\"' }], '"a"': { __proto__x: ':' } }
    const [first] = of('OTLP lines')
    const line = JSON.stringify({ resourceLogs: [], other })
    const { unreadable } = await verify(['records.jsonl', `${first}\n${line}\n`])
    expect(unreadable).toEqual([])
  })

  it('is reported in lines of others, where it could hide records of ours', async () => {
    const [first = ''] = of('OTLP lines')
    const hidden = twice('{"resourceLogs":[]}', 'resourceLogs', first.slice(16, -1))
    const { report, unreadable } = await verify(['records.jsonl', `${first}\n${hidden}\n`])
    expect(report.records).toBe(64)
    expect(unreadable).toEqual(['2: a member twice in one JSON object'])
  })
})

describe('a column that a table has twice', () => {
  const rows = (named('a table of Splunk').write(records, service) as string).split('\r\n')
  const added = (column: string, cell: string) =>
    rows.map((row, at) => (at === 0 ? `${column},${row}` : row && `${cell},${row}`)).join('\r\n')

  it('hides nothing: what it says is compared like the other', async () => {
    const { report } = await verify(['t.csv', added('oauth.decision', 'deny')])
    expect(report.findings.map(({ verdict }) => verdict)).toContain('PROJECTION_DIFFERS')
  })
})

describe('what rotation, editors and shells do to files', () => {
  const lines = named('OTLP lines').write(records, service) as string

  it('a byte order mark and CRLF change nothing', async () => {
    for (const shape of SHAPES.filter(({ file }) => !file.endsWith('.gz'))) {
      const text = (shape.write(records, service) as string).replaceAll(/\r?\n/g, '\r\n')
      expect(await verify([shape.file, `\uFEFF${text}`])).toMatchObject(UNTOUCHED)
    }
  })

  it('a line that rotation cut in two is put together, wherever the files end', async () => {
    const bodies = named('S3 objects, body').write(records, service) as string
    for (const [text, cut] of [
      [lines, lines.indexOf('\n') + 700],
      [lines, lines.indexOf('"body"') + 300],
      [bodies, bodies.indexOf('"oauth.request"') + 1500],
    ] as const) {
      const parts = [text.slice(0, cut), text.slice(cut)] as const
      const outcome = await verify(['x-2026.json', parts[0]], ['x.json', parts[1]])
      expect(outcome).toMatchObject(UNTOUCHED)
    }
  })

  it('a line broken inside a text is put together', async () => {
    const at = lines.indexOf('"body"') + 300
    expect(await verify(['x.json', `${lines.slice(0, at)}\n${lines.slice(at)}`])).toMatchObject(
      UNTOUCHED,
    )
  })

  it('half a line that is nowhere else is reported, and what it held is missed', async () => {
    const hits = named('hits of Elasticsearch').write(records, service) as string
    const rows = hits.split('\n')
    const torn = rows.with(30, rows.at(30)!.slice(0, 500))
    const { report, unreadable } = await verify(['hits.ndjson', torn.join('\n')])
    expect(unreadable).toEqual(['31: not one whole JSON value'])
    expect(report.findings).toMatchObject([{ verdict: 'MISSING', index: 30 }])
  })

  it('a list without its end is reported', async () => {
    const list = named('hits with fields').write(records, service) as string
    const { report, unreadable } = await verify(['list.json', list.slice(0, -1)])
    expect(report.verdict).toBe('VALID_SEALED')
    expect(unreadable).toEqual(['1: not one whole JSON value'])
  })

  it('a search that failed on a shard is reported', async () => {
    const response = named('a search response').write(records, service) as string
    const { unreadable } = await verify(['r.json', response.replace('"failed": 0', '"failed": 1')])
    expect(unreadable).toEqual(['1: a search that timed out or failed on a shard'])
  })

  it('a search of Splunk that broke off is reported', async () => {
    const rows = named('rows of Splunk, a line each').write(records, service) as string
    const message = '{"messages":[{"type":"FATAL","text":"The search was terminated"}]}'
    const { unreadable } = await verify(['s.json', `${rows}${message}\n`])
    expect(unreadable).toEqual([`${records.length + 2}: a search that ended with an error`])
  })

  it('a quotation mark too many costs its row of a table and no other', async () => {
    const table = named('a table of Splunk').write(records, service) as string
    const rows = table.split('\r\n')
    const broken = rows.with(31, rows.at(31)!.replace('""type""', '"type""'))
    const { report } = await verify(['t.csv', broken.join('\r\n')])
    expect(report.findings).toMatchObject([{ verdict: 'ALTERED', index: 30 }])
  })
})
