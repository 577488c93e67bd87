/** Runs tasks after what is being done, and only so many at a time. */
export interface WorkQueue {
  /** Takes a task, which never rejects; false where too many wait already. */
  add(task: () => Promise<void>): boolean
  /** Forgets what has not begun. */
  clear(): void
}

/**
 * Creates a queue. A task begins in a turn of the event loop of its own: who adds one from within a
 * request goes on first.
 *
 * @param maxRunning - Most tasks that run at a time.
 * @param maxWaiting - Most that wait.
 */
export function createWorkQueue(maxRunning: number, maxWaiting: number): WorkQueue {
  let waiting: (() => Promise<void>)[] = []
  let running = 0

  function startNext(): void {
    const task = waiting.shift()
    if (task === undefined) {
      running -= 1
      return
    }
    setImmediate(() => void task().finally(startNext))
  }

  return {
    add(task) {
      if (waiting.length >= maxWaiting) return false
      waiting.push(task)
      if (running < maxRunning) {
        running += 1
        startNext()
      }
      return true
    },
    clear() {
      waiting = []
    },
  }
}
