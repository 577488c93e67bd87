import * as client from 'openid-client'
import { createBrowser, type Browser } from './browser.ts'

/** Tokens of one sign-in. */
export type Tokens = client.TokenEndpointResponse

/** Who signs in, with which client, for what. */
export interface SignIn {
  readonly user: string
  readonly password: string
  readonly resource: string
  readonly scope: string
}

const REDIRECT_URI = 'http://127.0.0.1/callback'
const MAX_REDIRECTS = 10

async function followToCallback(browser: Browser, start: URL, signIn: SignIn): Promise<URL> {
  let url = start
  let response = await browser.get(url)
  for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
    if (response.status === 200) {
      response = await browser.post(url, { login: signIn.user, password: signIn.password })
      continue
    }
    const location = response.headers.get('location')
    await response.body?.cancel()
    if (location === null) throw new Error(`sign-in stopped at status ${response.status}`)
    url = new URL(location, url)
    if (url.href.startsWith(REDIRECT_URI)) return url
    response = await browser.get(url)
  }
  throw new Error('sign-in did not come back to the client')
}

/** Signs a user in: authorization code flow with PKCE (RFC 7636) and a resource (RFC 8707). */
export async function signIn(config: client.Configuration, options: SignIn): Promise<Tokens> {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const start = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: `openid ${options.scope}`,
    resource: options.resource,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  })
  const callback = await followToCallback(createBrowser(), start, options)
  return client.authorizationCodeGrant(
    config,
    callback,
    { pkceCodeVerifier: verifier, expectedState: state },
    { resource: options.resource },
  )
}
