import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

const ATTEMPTS = 100

/** Takes a file system off. A process that was killed a moment ago may not be gone yet: 5 s at most. */
export async function unmount(path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      execFileSync('umount', [path], { stdio: 'ignore' })
      return
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await pause(50)
    }
  }
}
