import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** An issuer that signs whatever a test wants to see in a token. */
export interface TestIssuer {
  readonly url: string
  /** Signs an access token for the orders API. */
  issue(claims: Readonly<Record<string, unknown>>): Promise<string>
  /** What introspection answers for every token, beside `active`, `aud` and `iss`. */
  introspection: Readonly<Record<string, unknown>>
  close(): Promise<void>
}

/** Starts an issuer on the loopback address: keys, and introspection that says yes. */
export async function startTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256' }] }
  const server = createServer((request, response) => {
    request.resume()
    const answer =
      request.url === '/jwks'
        ? jwks
        : { active: true, aud: 'https://reports.example.com', iss: url, ...issuer.introspection }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer: TestIssuer = {
    url,
    introspection: {},
    issue: (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test' })
        .setIssuer(url)
        .setAudience('https://orders.example.com')
        .setIssuedAt()
        .setExpirationTime('5 minutes')
        .sign(privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return issuer
}
