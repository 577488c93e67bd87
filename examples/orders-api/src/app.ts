import express, { type Express } from 'express'
import { requireScope } from './access.ts'
import { requireJwt } from './jwt-access.ts'
import { requireOpaque, type IntrospectionClient } from './opaque-access.ts'

/** What the API has to know about the authorization server. */
export interface AppOptions {
  readonly issuer: string
  readonly ordersAudience: string
  readonly reportsAudience: string
  readonly credentials: IntrospectionClient
}

/** Builds the orders API: JWT access tokens everywhere but on reports, which take opaque ones. */
export function buildApp(options: AppOptions): Express {
  const app = express()
  const jwt = requireJwt(options.issuer, options.ordersAudience)
  const opaque = requireOpaque(options.issuer, options.reportsAudience, options.credentials)

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  app.get('/v1/orders', jwt, requireScope('orders:read'), (_request, response) => {
    response.json({ orders: [{ id: '1001', total: 4200 }] })
  })
  app.get('/v1/orders/:id', jwt, requireScope('orders:read'), (request, response) => {
    response.json({ id: request.params['id'], total: 4200 })
  })
  app.post('/v1/orders', jwt, requireScope('orders:write'), (_request, response) => {
    response.status(201).json({ id: '1002' })
  })
  app.get('/v1/patients/:id/chart', jwt, requireScope('health:read'), (request, response) => {
    response.json({ patient: request.params['id'], entries: [] })
  })
  app.get('/v1/payments', jwt, requireScope('payments:read'), (_request, response) => {
    response.json({ payments: [] })
  })
  app.get('/v1/reports/:name', opaque, requireScope('reports:read'), (request, response) => {
    response.json({ report: request.params['name'], rows: [] })
  })
  return app
}
