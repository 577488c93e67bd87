/** A timer that does not keep the process alive. */
export interface Scheduler {
  /** Calls back once, after so many milliseconds. The returned function cancels it. */
  (callback: () => void, millis: number): () => void
}

/** The {@link Scheduler} of this process. */
export const nodeScheduler: Scheduler = (callback, millis) => {
  const timer = setTimeout(callback, millis)
  timer.unref()
  return () => clearTimeout(timer)
}

/** How soon a callback that threw is called again. */
const AGAIN_MILLIS = 1_000

/**
 * Returns a scheduler whose callbacks cannot end the application: what one throws goes to
 * `onFault`, and it is called again a second later, so that whatever repeats itself goes on.
 *
 * @param onFault - Must not throw.
 */
export function guardScheduler(scheduler: Scheduler, onFault: (error: unknown) => void): Scheduler {
  return (callback, millis) => {
    let isCancelled = false
    const attempt = (): void => {
      try {
        callback()
      } catch (error) {
        if (!isCancelled) cancel = scheduler(attempt, AGAIN_MILLIS)
        onFault(error)
      }
    }
    let cancel = scheduler(attempt, millis)
    return () => {
      isCancelled = true
      cancel()
    }
  }
}
