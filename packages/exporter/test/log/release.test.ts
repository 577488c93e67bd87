import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { openTestLog } from '../support/open.ts'

it('a log is shut down, to the end, whatever the release of its lock answers', async () => {
  let released = 0
  const { log, health } = openTestLog(
    { directory: temporaryFolder() },
    {
      takeLock: () => ({
        release: () => {
          released++
          throw Object.assign(new Error('EIO'), { code: 'EIO' })
        },
      }),
    },
  )
  await log.shutdown(0)
  expect(released).toBe(1)
  expect(log.state().closed).toBe(true)
  expect(health.map(({ kind }) => kind)).toContain('internal-fault')
})
