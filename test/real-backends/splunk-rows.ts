/** What the receiver of the HTTP Event Collector has written, as far as a row needs it. */
export interface ReceivedLogs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes?: readonly Attribute[] }
    readonly scopeLogs: readonly { readonly logRecords: readonly ReceivedRecord[] }[]
  }[]
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly doubleValue?: number }
}

interface ReceivedRecord {
  readonly timeUnixNano?: string
  readonly body: { readonly stringValue: string }
  readonly attributes?: readonly Attribute[]
}

/**
 * Rows of `search/jobs/export?output_mode=json`, as Splunk's REST reference shows them: a result a
 * line, each field text, `_raw` the event; the last line says that it is the last.
 *
 * @param fields - As the command `fields` of a search names them. Default is all.
 */
export function toRows(received: readonly ReceivedLogs[], fields?: readonly string[]): string {
  const rows = received.flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords.map((record) => toRow(resource, record))),
    ),
  )
  const lines = rows.map((row, offset) => {
    const names = fields ?? Object.keys(row)
    const result = Object.fromEntries(names.map((name) => [name, row[name]]))
    return JSON.stringify({ preview: false, offset, result })
  })
  return `${[...lines, JSON.stringify({ preview: false, lastrow: true })].join('\n')}\n`
}

const METADATA: { readonly [key: string]: string } = {
  'com.splunk.index': 'index',
  'com.splunk.source': 'source',
  'com.splunk.sourcetype': 'sourcetype',
  'host.name': 'host',
}

function toRow(
  resource: { readonly attributes?: readonly Attribute[] },
  record: ReceivedRecord,
): Readonly<Record<string, string>> {
  const fields = [...(resource.attributes ?? []), ...(record.attributes ?? [])].map(
    ({ key, value }) => [
      METADATA[key] ?? key,
      value.stringValue ?? String(value.doubleValue ?? ''),
    ],
  )
  const millis = Number(BigInt(record.timeUnixNano ?? 0) / 1_000_000n)
  return {
    _bkt: 'tokentrail~0~00000000-0000-0000-0000-000000000000',
    _cd: '0:4',
    _time: new Date(millis).toISOString().replace('Z', '+00:00'),
    ...(Object.fromEntries(fields) as Readonly<Record<string, string>>),
    linecount: '1',
    _raw: record.body.stringValue,
  }
}
