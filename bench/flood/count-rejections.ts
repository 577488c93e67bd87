import { readFile } from 'node:fs/promises'

/** Rejections that a sink has received. */
export interface Rejections {
  /** With a record of their own. */
  readonly records: number
  /** Records that stand for several. */
  readonly aggregates: number
  /** What those stand for. */
  readonly counted: number
  /** Accepted requests. */
  readonly accepted: number
}

const BODY =
  /"eventName":"(oauth\.request(?:\.rejected(?:\.aggregate)?)?)","body":\{"stringValue":"((?:[^"\\]|\\.)*)"/g

/** Counts the rejections in what a sink has kept; a file that is missing has none. */
export async function countRejections(path: string): Promise<Rejections> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const found = { records: 0, aggregates: 0, counted: 0, accepted: 0 }
  for (const [, event, body = ''] of text.matchAll(BODY)) {
    if (event === 'oauth.request') found.accepted += 1
    else if (event === 'oauth.request.rejected') found.records += 1
    else {
      found.aggregates += 1
      found.counted += countOf(JSON.parse(`"${body}"`) as string)
    }
  }
  return found
}

function countOf(text: string): number {
  const { attributes } = JSON.parse(text) as { attributes: Record<string, unknown> }
  return Number(attributes['tokentrail.aggregate.count'])
}
