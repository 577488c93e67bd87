import { setTimeout as pause } from 'node:timers/promises'

const POLL_MILLIS = 10

/** Looks again and again until the predicate holds. */
export async function until(
  what: string,
  predicate: () => boolean,
  timeoutMillis = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMillis
  while (!predicate()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMillis} ms in vain: ${what}`)
    await pause(POLL_MILLIS)
  }
}
