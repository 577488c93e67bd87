import {
  toDocument,
  toFieldsHit,
  toHit,
  toSearchResponse,
  toSimpleSchema,
  type Mapping,
} from './elasticsearch.ts'
import type { LogRecord } from './log-record.ts'
import { toOtlpLines, toS3Bodies, toS3OtlpObjects } from './s3.ts'
import { toCsv, toExportLines, toHecEvent, toResults } from './splunk.ts'

/** One shape in which records come out of a backend. */
export interface Shape {
  readonly name: string
  /** Name of the file. */
  readonly file: string
  /** Content of the file. */
  readonly write: (records: readonly LogRecord[], service: string) => string | Uint8Array
}

const CSV_COLUMNS = [
  '_time',
  '_raw',
  'oauth.decision',
  'oauth.token.scopes',
  'log.record.uid',
  'host',
]

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

function hits(records: readonly LogRecord[], service: string, mapping: Mapping): object[] {
  return records.map((record, at) => toHit(toDocument(record, service, mapping), at))
}

function pages(values: readonly object[], size: number): object[] {
  const count = Math.ceil(values.length / size)
  return Array.from({ length: count }, (_, at) =>
    toSearchResponse(values.slice(at * size, (at + 1) * size)),
  )
}

/** Every shape that an export may have. */
export const SHAPES: readonly Shape[] = [
  { name: 'OTLP lines', file: 'records.jsonl', write: toOtlpLines },
  { name: 'S3 objects, otlp_json', file: 'logs_1.json.gz', write: toS3OtlpObjects },
  { name: 'S3 objects, body', file: 'logs_1.txt', write: toS3Bodies },
  {
    name: 'hits of Elasticsearch, mode otel, a line each',
    file: 'hits.ndjson',
    write: (records, service) => lines(hits(records, service, 'otel')),
  },
  {
    name: 'a search response of Elasticsearch, synthetic source, indented',
    file: 'response.json',
    write: (records, service) =>
      JSON.stringify(toSearchResponse(hits(records, service, 'otel-synthetic')), null, 2),
  },
  {
    name: 'pages of a scroll, mode ecs, a line each',
    file: 'scroll.json',
    write: (records, service) => lines(pages(hits(records, service, 'ecs'), 100)),
  },
  {
    name: 'documents of mode none, bulk format',
    file: 'bulk.ndjson',
    write: (records, service) =>
      lines(
        records.flatMap((record) => [
          { create: { _index: 'logs' } },
          toDocument(record, service, 'none'),
        ]),
      ),
  },
  {
    name: 'hits with fields in place of a document, a list',
    file: 'fields.json',
    write: (records) => JSON.stringify(records.map(toFieldsHit)),
  },
  {
    name: 'documents of OpenSearch, simple schema',
    file: 'opensearch.ndjson',
    write: (records, service) =>
      lines(records.map((record, at) => toHit(toSimpleSchema(record, service), at))),
  },
  { name: 'rows of Splunk, a line each', file: 'splunk.json', write: toExportLines },
  {
    name: 'rows of Splunk, a list of lines',
    file: 'splunk-list.json',
    write: (records) => `[\n${toExportLines(records).trimEnd().replaceAll('\n', ',\n')}\n]\n`,
  },
  {
    name: 'results of Splunk, one value',
    file: 'results.json',
    write: (records) => JSON.stringify(toResults(records)),
  },
  {
    name: 'a table of Splunk',
    file: 'splunk.csv',
    write: (records) => toCsv(records, CSV_COLUMNS),
  },
  {
    name: 'events as Splunk takes them, one behind the other',
    file: 'hec.json',
    write: (records) => records.map((record) => JSON.stringify(toHecEvent(record))).join(''),
  },
]
