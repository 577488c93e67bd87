/** Introspection of one issuer's tokens (RFC 7662), as a client of it. */
export interface IntrospectionOptions {
  /** Introspection endpoint. Default is that of the issuer's metadata. */
  readonly endpoint?: string
  /** Client that asks. */
  readonly clientId: string
  /** File with the client's secret and nothing else; read when it is needed, never shown. */
  readonly clientSecretFile: string
}

/** An issuer whose tokens the recorder verifies itself. */
export interface IssuerOptions {
  /** Issuer identifier, exactly as `iss` has it. */
  readonly issuer: string
  /** Where its keys are. Default is `jwks_uri` of its metadata (RFC 8414, OpenID Connect). */
  readonly jwksUri?: string
  /** Audiences of which a token must have one. Default is to accept any. */
  readonly audience?: readonly string[]
  /** How opaque tokens are asked about. Default is not at all. */
  readonly introspection?: IntrospectionOptions
}

/**
 * Checks an issuer's options.
 *
 * @throws {TypeError} When one is wrong, naming it and the issuer.
 */
export function checkIssuer(options: IssuerOptions): void {
  const { audience = [], introspection, issuer, jwksUri } = options
  checkUrl('"issuer"', issuer)
  if (jwksUri !== undefined) checkUrl(`"jwks_uri" of ${issuer}`, jwksUri)
  if (audience.some((each) => typeof each !== 'string' || each === '')) {
    throw new TypeError(`"audience" of ${issuer} must be names of audiences`)
  }
  if (introspection === undefined) return
  const { clientId, clientSecretFile, endpoint } = introspection
  const place = `"introspection" of ${issuer}`
  if (endpoint !== undefined) checkUrl(`"endpoint" in ${place}`, endpoint)
  if (!clientId) throw new TypeError(`"client_id" in ${place} must be the client's id`)
  if (!clientSecretFile) throw new TypeError(`"client_secret_file" in ${place} must name a file`)
}

/** Whether what is fetched from a URL can be read and changed on its way. */
export function isUnprotected(url: string): boolean {
  const { hostname, protocol } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127\.[0-9.]+|\[::1\])$/.test(hostname)
}

/** RFC 8414 §2: no query and no fragment; credentials have no place in it. */
function checkUrl(what: string, value: unknown): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isPlain = url !== undefined && url.hash === '' && url.username === '' && url.password === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return
  throw new TypeError(`${what} must be an https URL without user, password and fragment`)
}
