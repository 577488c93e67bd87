import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findExpressRoute } from '../../../src/inbound/routes/express.ts'
import { send } from '../../recorded-server.ts'

/** Serves an application that answers with the route template of each request. */
async function serve(app: Express): Promise<(path: string) => Promise<string>> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return async (path) => (await send(port, { path, agent: false })).body
}

const answer = (request: unknown, response: { end(text: string): unknown }): void =>
  void response.end(findExpressRoute(request as IncomingMessage) ?? 'none')

describe('the template of a mount path in Express', () => {
  it('never shows the value of a parameter', async () => {
    const app = express()
    const inner = express.Router().get('/items/:item', answer)
    const outer = express.Router().use('/:group/in', inner).use('/fixed', inner)
    app.use('/tenants/:tenant', outer)
    app.use('/files/:name.json/parts', inner)
    const ask = await serve(app)
    const value = fc.oneof(
      fc.constantFrom('in', 'fixed', 'tenants', 'items', 'api', 'v1', 'alice', '~', '%20'),
      fc.stringMatching(/^[A-Za-z0-9._~%-]{1,20}$/).map(encodeURIComponent),
    )
    await fc.assert(
      fc.asyncProperty(value, value, value, async (tenant, group, item) => {
        fc.pre(group !== 'fixed')
        expect(await ask(`/tenants/${tenant}/${group}/in/items/${item}`)).toBe(
          '/tenants/:tenant/:group/in/items/:item',
        )
        expect(await ask(`/tenants/${tenant}/fixed/items/${item}`)).toBe(
          '/tenants/:tenant/fixed/items/:item',
        )
      }),
      { numRuns: 50 },
    )
  })

  it('is found for routers on /, lists of paths, patterns, and applications in applications', async () => {
    const app = express()
    const leaf = express.Router().get('/leaf', answer)
    app.use(express.Router().use('/', express.Router().use('/below', leaf)))
    app.use(['/one', '/two/:id'], leaf)
    app.use(/\/pattern-(\d+)/, leaf)
    app.use('/sub/:tenant', express().use('/deep', leaf))
    const ask = await serve(app)
    expect(await ask('/below/leaf')).toBe('/below/leaf')
    expect(await ask('/one/leaf')).toBe('/one/leaf')
    expect(await ask('/two/alice/leaf')).toBe('/two/:id/leaf')
    expect(await ask('/pattern-4711/leaf')).toBe('/:param/leaf')
    expect(await ask('/sub/acme/deep/leaf')).toBe('/sub/:tenant/deep/leaf')
  })

  it('is that of the route that was meant, where a middleware refused', async () => {
    const app = express()
    const routes = express.Router().get('/', answer).get('/:id', answer).all('/any/:id', answer)
    const refuse = (
      request: unknown,
      response: { statusCode: number; end(text: string): unknown },
    ): void => {
      response.statusCode = 403
      answer(request, response)
    }
    app.use('/sub/:tenant', express().use(refuse).use('/deep', routes))
    app.use(refuse)
    app.get('/', answer)
    app.get('/:one/fixed', answer)
    app.use('/orders', routes)
    app.use(express.Router().use('/people/:name', routes))
    app.get(/pattern/, answer)
    const ask = await serve(app)
    expect(await ask('/')).toBe('/')
    expect(await ask('/alice/fixed?q=1')).toBe('/:one/fixed')
    expect(await ask('/orders')).toBe('/orders')
    expect(await ask('/orders/7')).toBe('/orders/:id')
    expect(await ask('/people/alice/any/7')).toBe('/people/:name/any/:id')
    expect(await ask('/sub/acme/deep/7')).toBe('/sub/:tenant/deep/:id')
    expect(await ask('/pattern')).toBe('none')
    expect(await ask('/nowhere')).toBe('none')
  })

  it.each([
    ['no application', {}],
    ['an application without a router', { app: () => {} }],
    [
      'a router without a layer that fits',
      { app: Object.assign(() => {}, { router: { stack: [] } }) },
    ],
  ])('is hidden with %s', (_, members) => {
    const request = { ...members, baseUrl: '/api/v2/tenants/acme', route: { path: '/:id' } }
    expect(findExpressRoute(request as unknown as IncomingMessage)).toBe(
      '/api/v2/:param/:param/:id',
    )
  })
})
