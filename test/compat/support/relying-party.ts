import * as client from 'openid-client'
import { type Browser, createBrowser, fieldOf } from './browser.ts'

/** A client of an authorization server that signs users in. */
export interface RelyingParty {
  readonly config: client.Configuration
  /** Signs in with the code flow and PKCE; gives what the token endpoint answered. */
  readonly signIn: (options?: SignIn) => Promise<SignedIn>
}

export interface SignIn {
  readonly browser?: Browser
  readonly resource?: string
  readonly scope?: string
  /** `prompt` of the authorization request. */
  readonly prompt?: string
  /** Binds the tokens to a key (RFC 9449). */
  readonly DPoP?: client.DPoPHandle
}

export interface SignedIn {
  readonly browser: Browser
  readonly tokens: client.TokenEndpointResponse
  /** Every secret that came along, for a search that must find none. */
  readonly code: string
}

/** Discovers the server as a client; a public one without a secret. */
export async function createRelyingParty(
  issuer: string,
  clientId: string,
  redirectUri: string,
  secret?: string,
): Promise<RelyingParty> {
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  )
  return {
    config,
    async signIn(options = {}) {
      const { browser = createBrowser(), DPoP, prompt, resource } = options
      const { scope = 'openid orders:read' } = options
      const verifier = client.randomPKCECodeVerifier()
      const target = resource === undefined ? {} : { resource }
      const { url } = await browser.open(
        client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...target,
          ...(prompt === undefined ? {} : { prompt }),
        }),
      )
      const checks = { pkceCodeVerifier: verifier }
      const tokens = await client.authorizationCodeGrant(
        config,
        url,
        checks,
        target,
        DPoP === undefined ? {} : { DPoP },
      )
      return { browser, tokens, code: url.searchParams.get('code') ?? '' }
    },
  }
}

/** Signs the browser out, everywhere. */
export async function signOut(config: client.Configuration, browser: Browser): Promise<void> {
  const asked = await browser.open(client.buildEndSessionUrl(config))
  await browser.open(new URL('/session/end/confirm', asked.url), {
    xsrf: fieldOf(asked, 'xsrf'),
    logout: 'yes',
  })
}
