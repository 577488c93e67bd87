import { CliError } from '../errors.ts'

/** Most pseudonyms in one query; Elasticsearch takes 65,536 terms. */
const MAX_TERMS = 1_000
const TIMEOUT_MILLIS = 120_000

/** Where identities may lie, depending on how the exporter maps attributes. */
const FIELDS = [
  'attributes.tokentrail.identity.pseudonym',
  'Attributes.tokentrail.identity.pseudonym',
  'tokentrail.identity.pseudonym',
].flatMap((field) => [field, `${field}.keyword`])

/** The delete-by-query that deletes the identity records of some pseudonyms. */
export function buildDeleteQuery(pseudonyms: readonly string[]): object {
  return {
    query: {
      bool: {
        should: FIELDS.map((field) => ({ terms: { [field]: pseudonyms } })),
        minimum_should_match: 1,
      },
    },
  }
}

/** Where an Elasticsearch or OpenSearch is, and which indices are meant. */
export interface SearchCluster {
  readonly url: string
  /** Index pattern. */
  readonly index: string
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined
}

/**
 * Deletes the identity records of some pseudonyms, and has the shards refreshed. Deleted documents
 * leave the disk with the next merge of their segments.
 *
 * @param fetcher - Default is `fetch`.
 * @returns How many were deleted.
 * @throws {CliError} `ERR_CLI_INPUT` when the cluster refuses or cannot be reached
 */
export async function deleteFromCluster(
  { url, index, authorization }: SearchCluster,
  pseudonyms: readonly string[],
  fetcher: typeof fetch = fetch,
): Promise<number> {
  const parameters = 'conflicts=proceed&refresh=true&ignore_unavailable=true&expand_wildcards=all'
  const target = `${url.replace(/\/$/, '')}/${encodeURIComponent(index)}/_delete_by_query?${parameters}`
  let deleted = 0
  for (let at = 0; at < pseudonyms.length; at += MAX_TERMS) {
    const answer = await post(target, authorization, pseudonyms.slice(at, at + MAX_TERMS), fetcher)
    const { deleted: count, failures } = answer
    if (Array.isArray(failures) && failures.length > 0) {
      throw new CliError('ERR_CLI_INPUT', `Elasticsearch failed on ${failures.length} documents`)
    }
    deleted += Number(count ?? 0)
  }
  return deleted
}

async function post(
  target: string,
  authorization: string | undefined,
  pseudonyms: readonly string[],
  fetcher: typeof fetch,
): Promise<Readonly<Record<string, unknown>>> {
  let response: Response
  try {
    response = await fetcher(target, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
      body: JSON.stringify(buildDeleteQuery(pseudonyms)),
    })
  } catch {
    // The foreign error may quote the address, which may hold a password.
    throw new CliError('ERR_CLI_INPUT', 'Elasticsearch cannot be reached; check --elasticsearch')
  }
  if (!response.ok) {
    throw new CliError('ERR_CLI_INPUT', `Elasticsearch answered with ${response.status}`)
  }
  return (await response.json()) as Readonly<Record<string, unknown>>
}
