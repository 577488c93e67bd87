/**
 * An OAuth 2.0 authorization server for the quick start, built with oidc-provider.
 *
 * Environment: `PORT` (default 4320, 0 for any free one), `SIGN_IN_PASSWORD`,
 * `ORDERS_API_CLIENT_SECRET`, `NIGHTLY_EXPORT_CLIENT_SECRET` (all three required).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProvider } from './provider.ts'
import { handleSignIn } from './sign-in.ts'

function required(name: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`authorization server: set ${name} in the environment`)
  process.exit(2)
}

const password = required('SIGN_IN_PASSWORD')
const secrets = {
  ordersApi: required('ORDERS_API_CLIENT_SECRET'),
  nightlyExport: required('NIGHTLY_EXPORT_CLIENT_SECRET'),
}

const server = createServer()
server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(`authorization server: cannot listen: ${error.code ?? error.message}`)
  process.exit(1)
})
server.listen(Number(process.env['PORT'] ?? 4320), '127.0.0.1', () => {
  // The issuer names the port, so the provider is made once the port is known.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = createProvider(issuer, secrets)
  const handle = provider.callback()
  server.on('request', (request, response) => {
    handleSignIn(provider, password, request, response)
      .then((handled) => (handled ? undefined : handle(request, response)))
      .catch(() => {
        if (!response.headersSent) response.writeHead(400).end('The sign-in is unknown or too old.')
        else response.destroy()
      })
  })
  console.log(`authorization server listening on ${issuer}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}
