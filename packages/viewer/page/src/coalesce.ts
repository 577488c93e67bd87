/** Runs work when asked, but never twice at once and never faster than its gap. */
export interface Coalescer {
  /** Asks for a run: at once when idle, else one run after the present one and the gap. */
  request(): void
  /** Drops what was asked for; a run under way is left to end. */
  cancel(): void
}

/**
 * Joins many requests for the same work into few runs, so that two hundred changes a second cost
 * the reader's browser a handful of queries.
 *
 * @param run - The work; it handles its own failures.
 * @param gapMillis - Least time from the end of a run to the start of the next.
 */
export function createCoalescer(run: () => Promise<void>, gapMillis: number): Coalescer {
  let state: 'idle' | 'busy' | 'asked' = 'idle'
  let timer: ReturnType<typeof setTimeout> | undefined
  const start = (): void => {
    state = 'busy'
    void run().finally(() => {
      timer = setTimeout(next, gapMillis)
    })
  }
  const next = (): void => {
    timer = undefined
    if (state === 'asked') start()
    else state = 'idle'
  }
  return {
    request() {
      if (state === 'idle') start()
      else state = 'asked'
    },
    cancel() {
      if (state === 'asked') state = 'busy'
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      state = 'idle'
    },
  }
}
