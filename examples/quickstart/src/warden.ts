/**
 * Outlives the quick start for a moment: reads which of its processes began (`+pid`) and ended
 * (`-pid`), and when the quick start is gone, however it went, ends those that are left.
 */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MILLIS = 5_000
const POLL_MILLIS = 100

const running = new Set<number>()

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) running.add(pid)
  else running.delete(pid)
}

for (const pid of running) signal(pid, 'SIGTERM')
const deadline = Date.now() + PATIENCE_MILLIS
while (Date.now() < deadline && [...running].some((pid) => signal(pid, 0))) await sleep(POLL_MILLIS)
for (const pid of running) signal(pid, 'SIGKILL')
