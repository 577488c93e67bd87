import { readOwn, readText } from './claims.ts'

/** One actor of an `act` claim (RFC 8693 §4.1). */
export interface Actor {
  readonly issuer: string
  readonly subject?: string
  readonly client?: string
  /** Whether the actor is a client: it acts under its own client id, or has no other name. */
  readonly machine: boolean
}

/** Most actors that are read of a chain; earlier ones are informational only (RFC 8693 §4.1). */
const MAX_ACTORS = 8

/**
 * Reads the chain of actors: the current one first, earlier ones after.
 *
 * @param issuer - Issuer of the token, which names actors that do not name their own.
 */
export function readActors(act: unknown, issuer: string): readonly Actor[] {
  const actors: Actor[] = []
  let next = act
  while (actors.length < MAX_ACTORS && typeof next === 'object' && next !== null) {
    const actor = readActor(next, issuer)
    if (actor === undefined) break
    actors.push(actor)
    next = readOwn(next, 'act')
  }
  return actors
}

function readActor(act: object, issuer: string): Actor | undefined {
  const subject = readText(readOwn(act, 'sub'))
  const client = readText(readOwn(act, 'client_id'))
  if (subject === undefined && client === undefined) return undefined
  return {
    issuer: readText(readOwn(act, 'iss')) ?? issuer,
    machine: subject === undefined || subject === client,
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { client }),
  }
}
