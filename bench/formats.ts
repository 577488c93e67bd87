// Payload of a journal frame: OTLP LogRecord as JSON or as protobuf. Prints what each costs, side by
// side in one run. Usage: node bench/formats.ts [--rounds N]
import { hash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { encodeText, sortNames } from './formats/canonical-text.ts'
import { joinJson, writeJson, writeJsonByStringify, type Encoded } from './formats/json-payload.ts'
import { joinProtobuf, writeProtobuf } from './formats/protobuf-payload.ts'
import { buildRequests, DOCUMENTED, type SampleRecord } from './request-record.ts'
import { compareCpu } from './measure.ts'
import { formatTable } from './table.ts'

const RECORDS = 2_000
const SEED = 20_261_123
const BATCHES = [100, 500]

// Linux may count a thread's CPU in ticks of 4 ms: a round takes some 200 ms, for 2 % at worst.
const ENCODE_PASSES = 30
const JOIN_PASSES = 200
const GZIP_PASSES = 10

type Write = (record: SampleRecord, target: Buffer, offset: number) => Encoded
type Join = (frames: readonly Buffer[]) => Buffer

const WRITERS = { json: writeJson, stringify: writeJsonByStringify, protobuf: writeProtobuf }
const JOINS = { json: joinJson, protobuf: joinProtobuf }

function checkText(): void {
  const text = encodeText(DOCUMENTED, sortNames(DOCUMENTED))
  const leaf = hash('sha256', `\0${text}`)
  if (leaf !== 'be219d6558b3074843256d4f1b7fb0f01c7effcc625e2bf0e27cd8cd4ec266f4') {
    throw new Error(`the documented record encodes to another text, leaf ${leaf}`)
  }
}

function writeAll(records: readonly SampleRecord[], write: Write, target: Buffer): void {
  let at = 0
  for (const record of records) at = write(record, target, at).end
}

function buildFrames(records: readonly SampleRecord[], write: Write): Buffer[] {
  const scratch = Buffer.alloc(16_384)
  return records.map((record) => Buffer.from(scratch.subarray(0, write(record, scratch, 0).end)))
}

/** Cuts frames into batches of one size and drops the rest. */
function batch(frames: readonly Buffer[], size: number): Buffer[][] {
  const count = Math.floor(frames.length / size)
  return Array.from({ length: count }, (_, index) => frames.slice(index * size, (index + 1) * size))
}

function measureEncoding(records: readonly SampleRecord[], rounds: number) {
  const target = Buffer.alloc(RECORDS * 4_096)
  const run = (write: Write) => (): number => {
    for (let pass = 0; pass < ENCODE_PASSES; pass += 1) writeAll(records, write, target)
    return records.length * ENCODE_PASSES
  }
  const hashed =
    (write: Write): Write =>
    (record, buffer, at) => {
      const encoded = write(record, buffer, at)
      hash('sha256', `\0${encoded.text}`, 'buffer')
      return encoded
    }
  const writeText: Write = (record, buffer, at) => {
    const text = encodeText(record, sortNames(record))
    return { text, end: at + buffer.write(text, at, 'utf8') }
  }
  const { json, stringify, protobuf } = WRITERS
  return compareCpu(
    {
      text: run(writeText),
      json: run(json),
      stringify: run(stringify),
      protobuf: run(protobuf),
      jsonHashed: run(hashed(json)),
      protobufHashed: run(hashed(protobuf)),
    },
    rounds,
  )
}

function measureBatches(
  frames: { json: Buffer[]; protobuf: Buffer[] },
  size: number,
  rounds: number,
) {
  const batches = { json: batch(frames.json, size), protobuf: batch(frames.protobuf, size) }
  const joinRun = (name: 'json' | 'protobuf') => (): number => {
    for (let pass = 0; pass < JOIN_PASSES; pass += 1) {
      for (const part of batches[name]) JOINS[name](part)
    }
    return batches[name].length * size * JOIN_PASSES
  }
  const bodies = {
    json: batches.json.map(joinJson satisfies Join),
    protobuf: batches.protobuf.map(joinProtobuf satisfies Join),
  }
  const gzipRun = (name: 'json' | 'protobuf', level: number) => (): number => {
    for (let pass = 0; pass < GZIP_PASSES; pass += 1) {
      for (const body of bodies[name]) gzipSync(body, { level })
    }
    return bodies[name].length * size * GZIP_PASSES
  }
  const bytes = (name: 'json' | 'protobuf', level: number): number =>
    bodies[name].reduce((sum, body) => sum + gzipSync(body, { level }).length, 0) /
    (bodies[name].length * size)
  const join = compareCpu({ json: joinRun('json'), protobuf: joinRun('protobuf') }, rounds)
  const gzip6 = compareCpu({ json: gzipRun('json', 6), protobuf: gzipRun('protobuf', 6) }, rounds)
  const gzip1 = compareCpu({ json: gzipRun('json', 1), protobuf: gzipRun('protobuf', 1) }, rounds)
  return {
    join,
    gzip6,
    gzip1,
    bytes6: { json: bytes('json', 6), protobuf: bytes('protobuf', 6) },
    bytes1: { json: bytes('json', 1), protobuf: bytes('protobuf', 1) },
  }
}

function row(what: string, unit: string, pair: { json: number; protobuf: number }): string[] {
  const { json, protobuf } = pair
  const ratio = (json / protobuf).toFixed(2)
  return [what, unit, json.toFixed(0), protobuf.toFixed(0), ratio]
}

function main(): void {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } })
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new TypeError('"--rounds" must be a whole number above 0')
  }
  checkText()
  const records = buildRequests(RECORDS, SEED)
  const frames = {
    json: buildFrames(records, writeJson),
    protobuf: buildFrames(records, writeProtobuf),
  }
  const same = buildFrames(records, writeJsonByStringify).every((frame, index) =>
    frame.equals(frames.json[index] ?? Buffer.alloc(0)),
  )
  if (!same) throw new Error('the two ways to write JSON differ')
  const encode = measureEncoding(records, rounds)
  const mean = (list: readonly Buffer[]): number =>
    list.reduce((sum, frame) => sum + frame.length, 0) / list.length
  const stringify = { json: encode.stringify, protobuf: encode.protobuf }
  const rows = [
    ['per record', 'unit', 'JSON', 'protobuf', 'JSON / protobuf'],
    row('encode text + LogRecord into bytes', 'ns CPU', encode),
    row('… with JSON.stringify instead of one pass', 'ns CPU', stringify),
    row('encode, and hash the leaf', 'ns CPU', {
      json: encode.jsonHashed,
      protobuf: encode.protobufHashed,
    }),
    row('the text alone, in both', 'ns CPU', { json: encode.text, protobuf: encode.text }),
    row('bytes in the journal', 'B', { json: mean(frames.json), protobuf: mean(frames.protobuf) }),
  ]
  for (const size of BATCHES) {
    const { join, gzip6, gzip1, bytes6, bytes1 } = measureBatches(frames, size, rounds)
    rows.push(
      row(`join, batches of ${size}`, 'ns CPU', join),
      row(`gzip level 6, batches of ${size}`, 'ns CPU', gzip6),
      row('… bytes on the wire', 'B', bytes6),
      row(`gzip level 1, batches of ${size}`, 'ns CPU', gzip1),
      row('… bytes on the wire', 'B', bytes1),
    )
  }
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores`
  console.log(`${RECORDS} records, medians of ${rounds} alternating rounds; ${machine}\n`)
  console.log(formatTable(rows))
}

main()
