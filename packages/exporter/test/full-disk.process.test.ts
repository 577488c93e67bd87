import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { checkLog } from '@tokentrail/exporter'
import { startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { openTestLog, requestDraft } from './support/open.ts'

/** Mounts a small memory disk, or gives `undefined` where that is not allowed. */
function mountSmallDisk(): string | undefined {
  const folder = temporaryFolder()
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', [folder], { stdio: 'ignore' }))
  return folder
}

describe('a disk that is really full', () => {
  it('costs the records that do not fit, says how many, and damages nothing', async (context) => {
    const directory = mountSmallDisk()
    if (directory === undefined) {
      context.skip('a small disk can only be mounted by root')
      return
    }
    const collector = await startCollector()
    const { log, health } = openTestLog({ directory, endpoint: collector.url })
    const ballast = join(directory, 'ballast')
    writeFileSync(ballast, Buffer.alloc(150_000))
    const count = 400
    for (let number = 0; number < count; number++) log.append(requestDraft(number))
    const { lost } = log.state()
    expect(lost).toBeGreaterThan(0)
    expect(health.filter(({ kind }) => kind === 'journal-failed')).toHaveLength(1)
    rmSync(ballast)
    await vi.waitFor(
      () => expect(health.map(({ kind }) => kind)).toContain('journal-restored'),
      10_000,
    )
    log.append(requestDraft(count))
    expect(await log.shutdown(10_000)).toBe(true)
    const requests = collector.accepted.filter(({ eventName }) => eventName === 'oauth.request')
    expect(requests).toHaveLength(count + 1 - lost)
    const losses = collector.accepted
      .filter(({ eventName }) => eventName === 'tokentrail.recorder.loss')
      .map(({ text }) => JSON.parse(text) as { attributes: Record<string, unknown> })
    expect(losses.map(({ attributes }) => attributes['tokentrail.loss.count'])).toEqual([lost])
    const uuid = log.origin.split('/')[2] ?? ''
    const check = checkLog(join(directory, 'journal', 'orders', 'slot-0', uuid))
    expect(check).toMatchObject({ damage: [], missing: [], end: { sealed: true } })
    await collector.close()
  })
})
