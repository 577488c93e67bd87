import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose'
import type { Identify, InstanceIdentity } from '@tokentrail/viewer'
import { CliError } from '../errors.ts'
import { readNamedFile } from '../named-file.ts'

/** Whose tokens say who an instance is. */
export interface TokenTrust {
  /** Issuer that the token must name, e.g. that of the cluster's service accounts. */
  readonly issuer: string
  /** Audience that the token must be for: this registry, and nobody else. */
  readonly audience: string
  /** Address of the issuer's JWK Set, or a file of it. */
  readonly jwks: string
}

type KeySet = Parameters<typeof jwtVerify>[1]

/** Only asymmetric algorithms: a public key must never be taken for a secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] // prettier-ignore

/**
 * Finds out who an instance is: by its bearer token (a service-account token of Kubernetes, or any
 * JWT of the issuer), else by its client certificate, whose subject is its common name. A token
 * that does not hold is nobody, whatever certificate comes with it.
 *
 * @param tokens - Default is that tokens say nothing.
 * @param certificates - Whether client certificates are asked for.
 */
export function createIdentify(tokens: TokenTrust | undefined, certificates: boolean): Identify {
  if (tokens === undefined && !certificates) {
    throw new CliError('ERR_CLI_INPUT', 'the registry needs "tokens" or "listen.clientAuthorities"')
  }
  const keys = tokens && openKeySet(tokens.jwks)
  return async (request) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined) {
      return tokens && keys && identifyByToken(token, tokens, keys)
    }
    return certificates ? identifyByCertificate(request) : undefined
  }
}

function openKeySet(jwks: string): KeySet {
  if (/^https?:/.test(jwks)) return createRemoteJWKSet(new URL(jwks))
  const text = readNamedFile('the registry\'s "tokens.jwks"', jwks, 'ERR_CLI_INPUT')
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
  } catch {
    throw new CliError('ERR_CLI_INPUT', `the registry's "tokens.jwks" ${jwks} is no JWK Set`)
  }
}

async function identifyByToken(
  token: string,
  { issuer, audience }: TokenTrust,
  keys: KeySet,
): Promise<InstanceIdentity | undefined> {
  try {
    const options = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['sub', 'exp'] }
    const { payload } = await jwtVerify(token, keys, options)
    return { subject: payload.sub ?? '', ...readPod(payload) }
  } catch {
    // Why is nobody's business who cannot prove who he is; and the error may quote the token.
    return undefined
  }
}

/** `kubernetes.io.pod.name` of a token that is bound to a pod. */
function readPod(payload: JWTPayload): { readonly pod?: string } {
  const bound = payload['kubernetes.io'] as
    { readonly pod?: { readonly name?: unknown } } | undefined
  const name = bound?.pod?.name
  return typeof name === 'string' && name !== '' ? { pod: name } : {}
}

function identifyByCertificate({ socket }: IncomingMessage): InstanceIdentity | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  const name: unknown = subject?.CN
  return typeof name === 'string' && name !== '' ? { subject: name } : undefined
}
