import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../../test/backends/log-record.ts'
import { SHAPES } from '../../../../test/backends/shapes.ts'
import { recordHistory } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Ran, runMain } from '../support/run.ts'

const keys = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
let records: readonly LogRecord[]
beforeAll(async () => {
  records = (await recordHistory(keys)).records as readonly LogRecord[]
})
afterAll(() => rmSync(keys, { recursive: true, force: true }))

/** Writes records in the shape of one backend. */
function write(shapeName: string, of: readonly LogRecord[]): string {
  const shape = SHAPES.find(({ name }) => name.startsWith(shapeName))
  if (shape === undefined) throw new Error(`there is no shape ${shapeName}`)
  const path = join(temporaryFolder(), shape.file)
  writeFileSync(path, shape.write(of, 'orders'))
  return path
}

const reconcile = (...args: string[]): Promise<Ran> => runMain(['reconcile', ...args])

describe('tokentrail reconcile', () => {
  it('finds nothing between backends that hold the same', async () => {
    const paths = SHAPES.map(({ name }) => write(name, records))
    const { code, out, err } = await reconcile(...paths)
    expect(err).toEqual([])
    expect(out).toMatch(/\nSAME: of \d+ records in 1 logs, 0 are missing somewhere and 0 differ\n$/)
    expect(code).toBe(0)
  })

  it('names what one backend lacks, by log and range', async () => {
    const [elastic, splunk] = [
      write('hits of Elasticsearch', records),
      write('a table of Splunk', records.toSpliced(3, 2)),
    ]
    const { code, out } = await reconcile(elastic, splunk)
    expect(code).toBe(20)
    const line = new RegExp(`^missing +orders/\\S+ +3-4 +${elastic} +${splunk} `, 'm')
    expect(out).toMatch(line)
    expect(out).toMatch(
      /\nMISSING: of \d+ records in 1 logs, 2 are missing somewhere and 0 differ\n$/,
    )
  })

  it('names a record of which there are two texts, and gives the report as JSON', async () => {
    const text = records.at(3)!.body.stringValue.replace('"v":1}', '"v":1,"x":0}')
    const altered = records.with(3, { ...records.at(3)!, body: { stringValue: text } })
    const paths = [write('OTLP lines', records), write('S3 objects, body', altered)]
    const { code, out } = await reconcile(...paths, '--json')
    expect(code).toBe(22)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'DIFFERENT',
      logs: [{ differences: [{ kind: 'different', index: 3, in: paths }] }],
      unreadableParts: 0,
    })
  })

  it('fails where a part cannot be read, or there is nothing', async () => {
    const path = write('OTLP lines', records)
    const torn = join(temporaryFolder(), 'torn.json')
    writeFileSync(torn, 'garbage')
    const { code, err } = await reconcile(path, torn)
    expect(code).toBe(20)
    expect(err).toEqual([`tokentrail reconcile: ${torn}, line 1: not one whole JSON value`])
    expect((await reconcile(temporaryFolder(), temporaryFolder())).code).toBe(1)
  })

  it.each([[[]], [['a']], [['a', 'a']], [['a', '']]])('refuses %j', async (paths) => {
    expect((await reconcile(...paths)).code).toBe(2)
  })
})
