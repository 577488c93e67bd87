import { canonicalize, formatHex, hashLeaf } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createRecordEncoder,
  type EncodedRecord,
  encodeLogRecord,
  type RecordDraft,
  SessionError,
} from '../src/index.ts'
import {
  EXAMPLE_LOG,
  EXAMPLE_REQUEST,
  EXAMPLE_REQUEST_LEAF,
  EXAMPLE_REQUEST_TEXT,
  EXAMPLE_TOKEN,
  EXAMPLE_TOKEN_TEXT,
} from './examples.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The text as recovery reads it: from the bytes of the frame, at the offsets, unescaped. */
function textOf({ json, textEnd, textStart }: EncodedRecord): unknown {
  const escaped = new TextDecoder().decode(bytes(json).slice(textStart, textEnd))
  return JSON.parse(`"${escaped}"`)
}

interface LogRecord {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}

const logRecordOf = (encoded: EncodedRecord): LogRecord => JSON.parse(encoded.json) as LogRecord

function attributesOf(encoded: EncodedRecord): Record<string, unknown> {
  return Object.fromEntries(logRecordOf(encoded).attributes.map(({ key, value }) => [key, value]))
}

const codeOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error instanceof SessionError ? error.code : error
  }
  return undefined
}

describe('the two examples of the record layout', () => {
  it('gives the request byte for byte, with its leaf hash', () => {
    const { text } = encodeLogRecord(EXAMPLE_REQUEST, EXAMPLE_LOG, 17)
    expect(text).toBe(EXAMPLE_REQUEST_TEXT)
    expect(bytes(text)).toHaveLength(733)
    expect(formatHex(hashLeaf(bytes(text)))).toBe(EXAMPLE_REQUEST_LEAF)
  })

  it('gives the token byte for byte, although the draft is not sorted', () => {
    const { text } = encodeLogRecord(EXAMPLE_TOKEN, EXAMPLE_LOG, 16)
    expect(text).toBe(EXAMPLE_TOKEN_TEXT)
    expect(bytes(text)).toHaveLength(1175)
  })
})
