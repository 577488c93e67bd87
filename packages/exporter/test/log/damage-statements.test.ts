import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { EVENT_TOKENTRAIL_JOURNAL_DAMAGE } from '@tokentrail/semantic-conventions'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { quarantine } from '../../src/journal/quarantine.ts'
import { DamageStatements } from '../../src/log/damage-statements.ts'
import { startCollector } from '../support/collector.ts'
import { temporaryFolder } from '../support/folder.ts'
import { openTestLog, requestDraft } from '../support/open.ts'

/** A sealed log of which nothing was delivered, with a byte that is not what it was. */
async function leaveDamaged() {
  const directory = temporaryFolder()
  const collector = await startCollector(() => 503)
  const { log } = openTestLog({ directory, endpoint: collector.url })
  for (let number = 0; number < 10; number++) log.append(requestDraft(number))
  await log.shutdown(0)
  const folder = join(directory, 'journal', 'orders', 'slot-0', log.origin.split('/')[2] ?? '')
  const path = join(folder, '0000000000000000.seg')
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('/v1/orders/4')] = 0
  writeFileSync(path, bytes)
  collector.react = () => 200
  const damaged = (): string[] => readdirSync(folder).filter((name) => name.includes('.damaged'))
  const said = (): Record<string, unknown>[] =>
    collector.accepted
      .filter(({ eventName }) => eventName === EVENT_TOKENTRAIL_JOURNAL_DAMAGE)
      .map(({ text }) => JSON.parse(text) as Record<string, unknown>)
  const open = () => openTestLog({ directory, endpoint: collector.url })
  return { collector, open, damaged, said, log }
}

describe('damage of a journal', () => {
  it('that is found when nothing can be said any more is said by the next process, once', async () => {
    const { collector, open, damaged, said, log } = await leaveDamaged()
    const second = open()
    second.log.close()
    await vi.waitFor(
      () => expect(second.health.map(({ kind }) => kind)).toContain('journal-damaged'),
      10_000,
    )
    expect(second.log.state().lost).toBe(0)
    await second.log.shutdown(10_000)
    expect(damaged()).toEqual([expect.stringMatching(/\.damaged$/)])
    expect(said()).toEqual([])
    for (let start = 0; start < 2; start++) {
      const next = open()
      await next.log.shutdown(10_000)
      expect(damaged()).toEqual([expect.stringMatching(/\.damaged\.stated$/)])
      expect(said()).toMatchObject([
        {
          segment: `${log.origin.split('/')[2]}/0000000000000000.seg`,
          firstIndex: 5,
          lastIndex: 5,
        },
      ])
    }
    await collector.close()
  })

  it('that is found by a process that goes on is said by it, and not again', async () => {
    const { collector, open, damaged, said } = await leaveDamaged()
    const second = open()
    await collector.until(() => said().length === 1)
    await second.log.shutdown(10_000)
    expect(damaged()).toEqual([expect.stringMatching(/\.damaged\.stated$/)])
    const third = open()
    await third.log.shutdown(10_000)
    expect(said()).toHaveLength(1)
    await collector.close()
  })

  it('is noted as said once the record of it is on disk, and not before', () => {
    const directory = temporaryFolder()
    const damage = { segment: '0000000000000000.seg', offset: 64, length: 0 }
    quarantine(nodeDisk, directory, damage)
    let isFlushed = false
    let isKept = false
    const statements = new DamageStatements({
      disk: nodeDisk,
      slotDirectory: join(directory, '..'),
      now: () => '1',
      append: () => isKept,
      flush: () => isFlushed,
    })
    const uuid = directory.split('/').at(-1) ?? ''
    expect(statements.state(uuid, { ...damage, offset: 99 })).toBe(true)
    isKept = true
    expect(statements.state(uuid, damage)).toBe(true)
    expect(statements.state(uuid, damage)).toBe(false)
    statements.settle()
    const copy = `${damage.segment}.64.damaged`
    expect(readdirSync(directory)).toEqual([copy])
    isFlushed = true
    statements.settle()
    expect(readdirSync(directory)).toEqual([`${copy}.stated`])
  })
})
