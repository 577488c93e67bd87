import { signal, type ReadonlySignal } from '@preact/signals'

/** Milliseconds since 1970, moving once a second; for ages, which grow while one looks. */
export function startClock(): ReadonlySignal<number> {
  const now = signal(Date.now())
  setInterval(() => {
    now.value = Date.now()
  }, 1_000)
  return now
}
