import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { Cursor } from '../../src/journal/cursor.ts'
import type { JournalDamage } from '../../src/journal/quarantine.ts'
import { formatSegmentName } from '../../src/journal/segment.ts'
import { LogControl } from '../../src/send/control.ts'
import { Delivery } from '../../src/send/delivery.ts'
import { deliverLog } from '../../src/send/log-delivery.ts'
import { Receiver } from '../../src/send/receiver.ts'
import { Tail } from '../../src/send/tail.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment, wire } from '../support/journal-bytes.ts'

const failure = (code: string) => Object.assign(new Error(code), { code })

/** A closed log of two records, on a disk that refuses so many reads of it. */
function closedLog(refusals: number) {
  const directory = temporaryFolder()
  const path = join(directory, formatSegmentName(0))
  const bytes = segment(['record 0', 'record 1'])
  writeFileSync(path, bytes)
  let left = refusals
  const disk: Disk = {
    ...nodeDisk,
    read: (descriptor, target, offset, length, position) => {
      if (left-- > 0) throw failure('EIO')
      return nodeDisk.read(descriptor, target, offset, length, position)
    },
  }
  const damage: JournalDamage[] = []
  const sent: string[] = []
  const pauses: number[] = []
  const limits = { maxBatchRecords: 10, maxBatchBytes: 65_536 }
  const tail = new Tail(disk, directory, undefined, limits, (found) => damage.push(found))
  const cursor = Cursor.open(nodeDisk, join(directory, 'cursor'))
  onTestFinished(() => {
    tail.close()
    cursor.close()
  })
  const control = new LogControl()
  const end = { segment: 0, offset: bytes.length }
  control.commit(end)
  control.close()
  const receiver = new Receiver(() => undefined)
  const delivery = new Delivery(
    {
      receiver,
      random: () => 1,
      pause: (millis) => Promise.resolve(void pauses.push(millis)),
      send: (frames) => {
        sent.push(...[...frames].map(String))
        return Promise.resolve({ status: 'delivered' })
      },
      park: () => undefined,
    },
    { minBackoffMillis: 10, maxBackoffMillis: 1_000 },
  )
  const deliver = () =>
    deliverLog({
      tail,
      cursor,
      control,
      delivery,
      receiver,
      idle: () => Promise.reject(new Error('a closed log is not waited for')),
      gather: () => Promise.resolve(),
      segmentDone: () => undefined,
    })
  return { deliver, sent, damage, pauses, cursor, end }
}

describe('the delivery of a closed log', () => {
  it('asks a disk again, at growing pauses, that does not give what it should have', async () => {
    const { deliver, sent, damage, pauses, cursor, end } = closedLog(5)
    await deliver()
    expect(sent).toEqual([wire('record 0').json, wire('record 1').json])
    expect(damage).toEqual([])
    expect(pauses).toEqual([10, 20, 40, 80, 160])
    expect(cursor.position).toEqual(end)
  })

  it('passes over what the disk does not give for good, and reports it', async () => {
    const { deliver, sent, damage, cursor, end } = closedLog(Infinity)
    await deliver()
    expect(sent).toEqual([])
    expect(damage).toHaveLength(1)
    expect(cursor.position).toEqual(end)
  })
})
