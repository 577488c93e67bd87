// Preload: the stock alternative to a record, one log record of 14 attributes per finished response.
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buildRequests, DOCUMENTED } from '../request-record.ts'
import { createStockLogs } from '../stock-logs.ts'

const stock = createStockLogs()
const samples = buildRequests(500, 1)
let next = 0

subscribe('http.server.response.finish', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  const sample = samples[next++ % samples.length] ?? DOCUMENTED
  stock.emit({
    ...sample,
    attributes: {
      ...sample.attributes,
      'http.request.method': request.method ?? '',
      'http.response.status_code': response.statusCode,
    },
  })
})
