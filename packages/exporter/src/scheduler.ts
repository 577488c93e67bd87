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
