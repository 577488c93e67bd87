import { expect, it } from 'vitest'
import { freshSeed } from './support/chance.ts'
import { findStrace } from './support/strace.ts'
import { failEverySyscall } from './syscalls.ts'

const { isFound, reason } = findStrace()
if (!isFound) console.log(`skipped: test/faults/syscalls.test.ts: ${reason}`)

const seed = freshSeed()

// The short form of syscalls.ts.
it.skipIf(!isFound)(
  `loses nothing that was acknowledged when a system call fails (seed ${seed})`,
  async () => {
    const { problems } = await failEverySyscall({ seed, most: 6 })
    expect(problems).toEqual([])
  },
  200_000,
)
