/** Returns the `log.record.uid` of an OTLP/JSON LogRecord, or `unknown`. */
export function recordIdOf(frame: Buffer): string {
  const parsed = JSON.parse(frame.toString('utf8')) as {
    attributes?: readonly { key: string; value: { stringValue?: string } }[]
  }
  const found = parsed.attributes?.find(({ key }) => key === 'log.record.uid')
  return found?.value.stringValue ?? 'unknown'
}
