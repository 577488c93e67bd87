import { readFileSync } from 'node:fs'

/** A log that is to be certified, and by whom. */
export interface RegistrationTask {
  /** Address of the registry, without a path. */
  readonly url: string
  /** File of the instance's token, read for every attempt: Kubernetes replaces it. */
  readonly tokenFile: string | undefined
  /** PEM file of the authority of the registry's certificate. */
  readonly authorityFile: string | undefined
  /** PEM files of a client certificate and its key. */
  readonly clientCertificateFile: string | undefined
  readonly clientKeyFile: string | undefined
  readonly origin: string
  /** Raw public Ed25519 key, base64url. */
  readonly publicKey: string
  /** Signature of that key over the registration message, base64url. */
  readonly signature: string
}

/** What a registry has answered. */
export type Registration =
  | { readonly status: 'issued'; readonly certificate: string }
  /** `isFinal`: asking the same again cannot help. Reasons quote no credential. */
  | { readonly status: 'failed'; readonly reason: string; readonly isFinal: boolean }

const REQUEST_MILLIS = 10_000
const MAX_ANSWER_BYTES = 65_536
/** Statuses after which the same request is refused again: the operator must change something. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 403, 404, 409])

/** Asks a registry to certify a log: `POST <url>/registry/v1/logs`. It never rejects. */
export async function register(task: RegistrationTask): Promise<Registration> {
  try {
    const { status, body } = await post(task)
    if (status === 201) return readCertificate(body)
    return {
      status: 'failed',
      reason: `it answered ${status}`,
      isFinal: FINAL_STATUSES.has(status),
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    return { status: 'failed', reason: code, isFinal: false }
  }
}

function readCertificate(body: string): Registration {
  try {
    const { certificate } = JSON.parse(body) as { readonly certificate?: unknown }
    if (typeof certificate === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(certificate)) {
      return { status: 'issued', certificate }
    }
  } catch {
    // As good as no certificate.
  }
  return { status: 'failed', reason: 'it answered without a certificate', isFinal: false }
}

function post(task: RegistrationTask): Promise<{ readonly status: number; readonly body: string }> {
  const { origin, publicKey, signature } = task
  const url = new URL('registry/v1/logs', `${task.url.replace(/\/$/, '')}/`)
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file))
  const token = read(task.tokenFile)?.toString('utf8').trim()
  const [ca, cert, key] = [task.authorityFile, task.clientCertificateFile, task.clientKeyFile].map(
    read,
  )
  const options = {
    method: 'POST',
    timeout: REQUEST_MILLIS,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  return new Promise((resolve, reject) => {
    // Loaded where it is used: imports of both take 8 MiB of an application that uses neither.
    const { request: send } = process.getBuiltinModule(
      url.protocol === 'https:' ? 'node:https' : 'node:http',
    )
    const sent = send(url, options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body += part
        if (body.length > MAX_ANSWER_BYTES) sent.destroy()
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
    sent.on('error', reject)
    sent.end(JSON.stringify({ origin, publicKey, signature }))
  })
}
