import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { askS3, type S3Answer, type S3Place, type S3Request } from './s3-client.ts'

/** One version of an object. */
export interface ObjectVersion {
  readonly key: string
  readonly id: string
}

const LOCK = `<ObjectLockConfiguration>
  <ObjectLockEnabled>Enabled</ObjectLockEnabled>
  <Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>
</ObjectLockConfiguration>`

/** Makes a bucket whose objects are locked for a day, whoever writes them. */
export async function createLockedBucket(place: S3Place): Promise<void> {
  const headers = { 'x-amz-bucket-object-lock-enabled': 'true' }
  await ask(place, { method: 'PUT', headers })
  await ask(place, { method: 'PUT', query: { 'object-lock': '' }, body: LOCK })
}

/** Keys of the objects that a listing shows. */
export async function listKeys(place: S3Place, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const query = { 'list-type': '2', prefix, ...(token && { 'continuation-token': token }) }
    const page = (await ask(place, { method: 'GET', query })).body.toString('utf8')
    keys.push(...membersOf(page, 'Key'))
    token = membersOf(page, 'NextContinuationToken')[0]
  } while (token !== undefined)
  return keys
}

/** Every version of the objects, also of those that a delete marker hides from a listing. */
export async function listVersions(place: S3Place, prefix: string): Promise<ObjectVersion[]> {
  const query = { versions: '', prefix }
  const page = (await ask(place, { method: 'GET', query })).body.toString('utf8')
  return [...page.matchAll(/<Version>.*?<\/Version>/gs)].map(([version]) => ({
    key: membersOf(version, 'Key')[0]!,
    id: membersOf(version, 'VersionId')[0]!,
  }))
}

/** Mode of an object's retention. */
export async function readRetention(place: S3Place, key: string): Promise<string> {
  const { body } = await ask(place, { method: 'GET', key, query: { retention: '' } })
  return membersOf(body.toString('utf8'), 'Mode')[0] ?? 'none'
}

/** How an object is written to disk: as stored, or as a client that unpacks leaves it. */
export type Download = 'as stored' | 'unpacked'

/** Downloads objects under their own names into one folder. */
export async function download(
  place: S3Place,
  keys: readonly (string | ObjectVersion)[],
  folder: string,
  how: Download,
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const item of keys) {
    const [key, query] = typeof item === 'string' ? [item, {}] : [item.key, { versionId: item.id }]
    const { body, headers } = await ask(place, { method: 'GET', key, query })
    const unpack = how === 'unpacked' && headers['content-encoding'] === 'gzip'
    const file = join(folder, basename(dirname(key)), basename(key))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, unpack ? gunzipSync(body) : body)
  }
}

/** @throws {Error} When the server refuses */
async function ask(place: S3Place, request: S3Request): Promise<S3Answer> {
  const answer = await askS3(place, request)
  if (answer.status < 300) return answer
  const code = membersOf(answer.body.toString('utf8'), 'Code')[0]
  throw new Error(`S3: ${request.method} ${request.key ?? place.bucket}: ${answer.status} ${code}`)
}

/** Texts of the elements of a name; none of those that are asked for can hold markup. */
export function membersOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text!)
}
