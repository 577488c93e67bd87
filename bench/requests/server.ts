// The server under test: Express, one route, an ES256 access token verified by jose. It holds no line
// of any recorder; run.ts preloads what is measured. Forked; tells its port, and its usage when asked.
import express, { type NextFunction, type Request, type Response } from 'express'
import { importJWK, jwtVerify, type JWK } from 'jose'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { AUDIENCE, ISSUER } from './tokens.ts'

/** What the process has used so far. */
export interface Usage {
  /** CPU of the main thread in microseconds. */
  readonly mainMicros: number
  /** CPU of the whole process in microseconds. */
  readonly processMicros: number
  /**
   * Most CPU of the main thread, in microseconds, that went by before a timer of 10 ms had its
   * turn, since this was asked last: what a request may have had to wait for, on however busy a
   * machine.
   */
  readonly longestMicros: number
  /** How long the main thread was ready to run and had no core, in microseconds; 0 if not known. */
  readonly waitedMicros: number
  /** Memory of the process that no file stands behind, in bytes; where unknown, all resident. */
  readonly memory: number
}

const jwk = JSON.parse(process.argv[2] ?? '{}') as JWK
const key = await importJWK(jwk, 'ES256')

const app = express()
app.get('/v1/orders/:id', requireToken, (request, response) => {
  response.json({ id: request.params['id'], total: 4200 })
})

function requireToken(request: Request, response: Response, next: NextFunction): void {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
  jwtVerify(token, key, { issuer: ISSUER, audience: AUDIENCE }).then(
    () => next(),
    () => response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end(),
  )
}

const LOOK_MILLIS = 10
let longestMicros = 0
let lastMicros = mainMicros()

function mainMicros(): number {
  const { system, user } = process.threadCpuUsage()
  return user + system
}

setInterval(() => {
  const now = mainMicros()
  longestMicros = Math.max(longestMicros, now - lastMicros)
  lastMicros = now
}, LOOK_MILLIS).unref()

function usage(): Usage {
  const longest = longestMicros
  longestMicros = 0
  const all = process.cpuUsage()
  return {
    mainMicros: mainMicros(),
    processMicros: all.user + all.system,
    longestMicros: longest,
    waitedMicros: readWaitedNanos() / 1_000,
    memory: readOwnMemory(),
  }
}

/** Linux: `run wait slices` of the main thread, in nanoseconds. */
function readWaitedNanos(): number {
  return Number(readProc('schedstat').split(' ')[1] ?? 0)
}

/** Pages of Node's own file are resident too, as many as others have used by chance. */
function readOwnMemory(): number {
  const kibibytes = /^Anonymous: +(\d+)/m.exec(readProc('smaps_rollup'))?.[1]
  return kibibytes === undefined ? process.memoryUsage.rss() : Number(kibibytes) * 1024
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, 'latin1')
  } catch {
    return ''
  }
}

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
process.on('message', () => process.send?.(usage()))
process.on('disconnect', () => process.exit())
