/**
 * An ordinary Express API secured by OAuth 2.0.
 *
 * Environment: `PORT` (default 4321, 0 for any free one), `ISSUER`, `ORDERS_API_CLIENT_SECRET`.
 */
import type { AddressInfo } from 'node:net'
import { buildApp } from './app.ts'

const issuer = process.env['ISSUER'] ?? 'http://127.0.0.1:4320'
const clientSecret = process.env['ORDERS_API_CLIENT_SECRET']
if (!clientSecret) {
  console.error('orders api: set ORDERS_API_CLIENT_SECRET in the environment')
  process.exit(2)
}

const app = buildApp({
  issuer,
  ordersAudience: 'https://orders.example.com',
  reportsAudience: 'https://reports.example.com',
  credentials: { clientId: 'orders-api', clientSecret },
})

const server = app.listen(Number(process.env['PORT'] ?? 4321), '127.0.0.1', (error?: Error) => {
  if (error !== undefined) {
    const { code, message } = error as NodeJS.ErrnoException
    console.error(`orders api: cannot listen: ${code ?? message}`)
    process.exit(1)
  }
  const { port } = server.address() as AddressInfo
  console.log(`orders api listening on http://127.0.0.1:${port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}
