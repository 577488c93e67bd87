import { setTimeout as pause } from 'node:timers/promises'

const POLL_MILLIS = 50

/** Asks again and again until there is an answer; throws when there is none in time. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMillis = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMillis
  for (;;) {
    const answer = await look()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMillis} ms in vain for ${what}`)
    await pause(POLL_MILLIS)
  }
}
