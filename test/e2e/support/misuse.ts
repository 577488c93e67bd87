import { plant, type KeepSecret } from './secret-search.ts'
import { bearer, type Sent } from './send.ts'
import type { TestIssuer } from './test-issuer.ts'

/** A token that verifies and says more about a person than a record may keep. */
export async function issueTellingToken(issuer: TestIssuer, keep: KeepSecret): Promise<string> {
  const token = await issuer.issue({
    sub: 'erin',
    client_id: 'orders-web',
    scope: 'orders:read',
    sid: 'session-of-erin',
    email: keep('an e-mail claim', `${plant()}@example.com`),
    phone_number: keep('a phone number claim', `+49${plant()}`),
    nonce: keep('a nonce claim', plant()),
    custom_secret: keep('a claim of unknown kind', plant()),
    act: { sub: 'proxy', email: keep("an actor's e-mail claim", `${plant()}@example.com`) },
  })
  return keep('a token with personal claims', token)
}

function misuseHeaders(good: string, keep: KeepSecret): Sent['headers'][] {
  const headers = bearer(good)
  const basic = Buffer.from(`orders-web:${keep('a client secret in Basic', plant())}`)
  const spoiled = (name: string) => keep(name, plant())
  return [
    headers,
    { ...headers, cookie: `session=${spoiled('a cookie')}` },
    { ...headers, referer: `https://app.example.com/?code=${spoiled('a code in the referer')}` },
    { ...headers, dpop: keep('a DPoP proof', `eyJ0eXAiOiJkcG9wIn0.${plant()}.${plant()}`) },
    { ...headers, 'x-api-key': spoiled('an API key') },
    { ...headers, 'proxy-authorization': `Bearer ${spoiled("a proxy's token")}` },
    { ...headers, 'user-agent': `sync/2.1 key=${spoiled('an API key in the user agent')}` },
    { ...headers, baggage: `token=${spoiled('a token in the baggage')}` },
    {
      ...headers,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: `vendor=${spoiled('a token in the tracestate')}`,
    },
    { ...headers, 'x-forwarded-for': spoiled('a token as an address') },
    { ...headers, host: `${spoiled('a token as a host name')}.example.com` },
    { authorization: `DPoP ${spoiled('a DPoP-bound token')}` },
    { authorization: `Basic ${basic.toString('base64')}` },
    { authorization: spoiled('a token without a scheme') },
    { authorization: `${spoiled('a token in place of the scheme')} x` },
    { authorization: `Bearer ${spoiled('a first token')} ${spoiled('a second token')}` },
    { authorization: `Bearer "${spoiled('a token in quotes')}"` },
    { authorization: [`Bearer ${good}`, `Bearer ${spoiled('a token in a second header')}`] },
  ]
}

async function misusePaths(issuer: TestIssuer, keep: KeepSecret): Promise<string[]> {
  const issue = async (name: string) =>
    keep(name, await issuer.issue({ sub: 'erin', client_id: 'orders-web', jti: plant() }))
  return [
    `/v1/orders?access_token=${keep('a token in the query', plant())}`,
    `/v1/orders?code=${keep('a code in the query', plant())}&state=1`,
    `/v1/orders?access_token=${await issue('a JWT in the query')}`,
    `/v1/orders/${await issue('a JWT in a routed path')}`,
    `/v1/reset/${keep('a token in an unknown path', plant())}`,
    `/v1/users/${keep('an e-mail address in the path', `${plant()}@example.com`)}`,
    `/v1/${await issue('a JWT in an unknown path')}/orders`,
  ]
}

/** Requests with secrets everywhere that a client may put one, right or wrong. */
export async function misuseRequests(
  issuer: TestIssuer,
  good: string,
  keep: KeepSecret,
): Promise<Sent[]> {
  const headers = bearer(good)
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const paths = await misusePaths(issuer, keep)
  return [
    ...misuseHeaders(good, keep).map((each) => ({ headers: each ?? {} })),
    ...paths.flatMap((path) => [{ path }, { path, headers }]),
    ...['access_token', 'client_secret', 'code'].map((name) => ({
      method: 'POST',
      headers: form,
      body: `${name}=${keep(`${name} in the form`, plant())}`,
    })),
  ]
}
