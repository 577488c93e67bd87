import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parsePolicy, SessionError, type Policy } from '@tokentrail/session'
import type { Document, LineCounter } from 'yaml'
import { RecordingError } from './errors.ts'
import { IssuerProblem, parseIssuers, type IssuerSetting } from './issuer-settings.ts'

/** What `tokentrail.yaml` says. */
export interface ConfigFile {
  readonly policy: Policy
  readonly issuers: readonly IssuerSetting[]
}

/** Largest file that is read, in bytes. */
const MAX_BYTES = 1_048_576

/**
 * Reads policy and issuers from a YAML file (YAML 1.2).
 *
 * @throws {RecordingError} `ERR_NODE_CONFIG_UNREADABLE`, `ERR_NODE_CONFIG_MALFORMED`. The message
 *   names the file and, where there is one, line and path.
 */
export function readConfigFile(path: string): ConfigFile {
  const { LineCounter, parseDocument } = loadYaml()
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines })
  const [problem] = document.errors
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line
    throw malformed(path, line, `${problem.code.toLowerCase().replaceAll('_', ' ')} in YAML`)
  }
  try {
    return parseConfig(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    if (error instanceof IssuerProblem) {
      throw malformed(path, findLine(document, lines, error.path), error.message)
    }
    if (!(error instanceof SessionError)) throw malformed(path, 1, 'aliases expand too far')
    // The message of a policy error begins with the path of the member.
    const place = /^policy: (\S+) is /.exec(error.message)?.[1] ?? ''
    throw malformed(path, findLine(document, lines, place), error.message)
  }
}

/** Loaded only where there is a file: it takes 1 MiB of the application's memory. */
function loadYaml(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml') as typeof import('yaml')
}

function parseConfig(value: unknown): ConfigFile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { policy: parsePolicy(value), issuers: [] }
  }
  const { issuers, ...policy } = value as { readonly issuers?: unknown }
  return { policy: parsePolicy(policy), issuers: parseIssuers(issuers) }
}

function readText(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new RecordingError(
      'ERR_NODE_CONFIG_UNREADABLE',
      `The file ${path} cannot be read (${code}). Put it there, or change TOKENTRAIL_CONFIG.`,
    )
  }
  if (text.length <= MAX_BYTES) return text
  throw new RecordingError(
    'ERR_NODE_CONFIG_UNREADABLE',
    `The file ${path} is larger than ${MAX_BYTES} bytes. Change TOKENTRAIL_CONFIG.`,
  )
}

function malformed(path: string, line: number, message: string): RecordingError {
  return new RecordingError('ERR_NODE_CONFIG_MALFORMED', `${path}:${line}: ${message}`)
}

/** @param path - Of the member, e.g. `routes[2].match`. */
function findLine(document: Document, lines: LineCounter, path: string): number {
  const { isNode } = loadYaml()
  const keys = [...path.matchAll(/\[(\d+)\]|"([^"]*)"|([^.[\]"]+)/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? match[3] ?? '') : Number(match[1]),
  )
  // A member that is missing has no line: then its parent's counts.
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const node = document.getIn(keys.slice(0, depth), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
