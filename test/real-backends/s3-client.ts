import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'

/** What signs requests, and where they go. */
export interface S3Place {
  /** `host:port` of a server without TLS. */
  readonly host: string
  readonly bucket: string
  readonly keyId: string
  readonly secret: string
}

/** A request of S3's REST interface. */
export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'DELETE' | 'HEAD'
  /** Key of an object; without it the bucket is meant. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The answer, to the byte: nothing is unpacked, whatever `content-encoding` says. */
export interface S3Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Sends a request signed with AWS Signature Version 4. */
export function askS3(place: S3Place, asked: S3Request): Promise<S3Answer> {
  const body = asked.body ?? ''
  const path = `/${[place.bucket, ...(asked.key?.split('/') ?? [])].map(escape).join('/')}`
  const query = Object.entries(asked.query ?? {})
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .sort()
    .join('&')
  const headers = sign(place, asked, path, query, body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `http://${place.host}${path}${query && `?${query}`}`,
      { method: asked.method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const status = response.statusCode ?? 0
          resolve({ status, headers: response.headers, body: Buffer.concat(chunks) })
        })
      },
    )
    outgoing.on('error', reject).end(body)
  })
}

/** RFC 3986, which leaves fewer characters than `encodeURIComponent` does. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

function sign(
  place: S3Place,
  asked: S3Request,
  path: string,
  query: string,
  body: string,
): Record<string, string> {
  const moment = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const day = moment.slice(0, 8)
  const headers: Record<string, string> = {
    ...asked.headers,
    host: place.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': moment,
  }
  // A locked bucket's settings are taken with a digest only.
  if (body !== '') headers['content-md5'] = createHash('md5').update(body).digest('base64')
  const names = Object.keys(headers).sort()
  const canonical = [
    asked.method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const scope = `${day}/us-east-1/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical)].join('\n')
  const key = ['us-east-1', 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => hmac(key, part),
    hmac(`AWS4${place.secret}`, day),
  )
  const signature = hmac(key, text).toString('hex')
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${place.keyId}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`
  return headers
}
