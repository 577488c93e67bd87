import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLog } from '@tokentrail/exporter'
import { createMerkleTree, formatBase64 } from '@tokentrail/ledger'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { formatLogEnd } from '../../src/journal/end.ts'
import { listSegments, segmentPath } from '../../src/journal/layout.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import type { JournalDamage } from '../../src/journal/quarantine.ts'
import { recoverLog } from '../../src/journal/recovery.ts'
import { scanFrames } from '../../src/journal/scan.ts'
import { Tail } from '../../src/send/tail.ts'
import { LOG } from '../support/journal-bytes.ts'
import { createFaultyDisk } from '../support/faulty-disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { deadLog } from '../support/dead-log.ts'
import { requestDraft } from '../support/open.ts'

describe('recovering a dead log', () => {
  it('finds its size, root and last signed size', () => {
    const { log, size, head, directory } = deadLog(10)
    log.closeJournal()
    expect(recoverLog(nodeDisk, directory)).toMatchObject({
      origin: `orders/0/${LOG}`,
      settled: false,
      damage: [],
      end: { kind: 'recovered', size, root: head.root, lastSignedSize: 9 },
    })
  })

  it('finds the leaves that it could not sign, the last checkpoint first, with their routes', () => {
    const { log, size, directory } = deadLog(10)
    log.closeJournal()
    const { tail, end } = recoverLog(nodeDisk, directory) ?? {}
    expect(tail?.base.size).toBe(9)
    expect(tail?.routes).toEqual([['*'], ...Array.from({ length: size - 10 }, () => [])])
    const tree = createMerkleTree(tail?.base)
    for (const hash of tail?.hashes ?? []) tree.append(hash)
    expect(formatBase64(tree.root())).toBe(end?.root)
  })

  it('reads the last segments only, from a checkpoint with a frontier on', () => {
    const { log, head, directory } = deadLog(400, 10, 65_536)
    log.closeJournal()
    const [first] = readdirSync(directory).filter((name) => name.endsWith('.seg'))
    expect(readdirSync(directory).filter((name) => name.endsWith('.seg')).length).toBeGreaterThan(3)
    writeFileSync(join(directory, first ?? ''), 'gone')
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({ root: head.root })
  })

  it('knows a sealed log by its closing checkpoint, and says so in end.json', () => {
    const { log, directory } = deadLog(5)
    log.seal('shutdown')
    log.closeJournal()
    writeFileSync(log.paths.end, 'torn')
    const recovered = recoverLog(nodeDisk, directory)
    expect(recovered).toMatchObject({ settled: true, end: { kind: 'sealed', size: log.size } })
    expect(JSON.parse(readFileSync(log.paths.end, 'utf8'))).toEqual(log.head)
  })

  it('finds the longest whole prefix at every truncation, and keeps what was torn', () => {
    const { log, directory } = deadLog(6)
    log.closeJournal()
    const path = join(directory, '0000000000000000.seg')
    const whole = readFileSync(path)
    let size = 0
    for (let length = 64; length <= whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length))
      const recovered = recoverLog(nodeDisk, directory)
      const found = recovered?.end?.size ?? 0
      expect(found).toBeGreaterThanOrEqual(size)
      size = found
      expect(checkLog(directory).records).toBe(found)
      const kept = readFileSync(path)
      const isCut = kept.length < length
      const rest = isCut ? readFileSync(`${path}.torn`) : Buffer.alloc(0)
      expect(Buffer.concat([kept, rest]).equals(whole.subarray(0, length))).toBe(true)
    }
    expect(size).toBeGreaterThan(5)
  })

  it('takes the leaf of a damaged record from the checkpoint over it', () => {
    const { log, size, head, directory } = deadLog(10)
    log.closeJournal()
    const path = join(directory, '0000000000000000.seg')
    const bytes = readFileSync(path)
    const at = bytes.indexOf('/v1/orders/2')
    bytes[at] = 0
    writeFileSync(path, bytes)
    const recovered = recoverLog(nodeDisk, directory)
    expect(recovered?.damage).toHaveLength(1)
    expect(recovered?.end).toMatchObject({ size, root: head.root })
    expect(checkLog(directory)).toMatchObject({ missing: [2], records: size - 1 })
  })

  it('names records that differ from the leaf that was signed', () => {
    const { log, directory } = deadLog(4)
    log.closeJournal()
    expect(checkLog(directory).end?.differing).toEqual([])
  })

  it.each([0, 63])(
    'sets aside a segment that got no further than %i bytes of its head',
    (bytes) => {
      const { log, size, head, directory } = deadLog(10)
      const { end } = log
      log.closeJournal()
      const stub = join(directory, '00000000000000ff.seg')
      writeFileSync(stub, Buffer.alloc(bytes))
      expect(recoverLog(nodeDisk, directory)).toMatchObject({
        position: end,
        damage: [],
        end: { size, root: head.root },
      })
      expect(existsSync(stub)).toBe(false)
      expect(readFileSync(`${stub}.torn`)).toHaveLength(bytes)
    },
  )

  it('sets aside every segment that a power cut left without a head', () => {
    const { log, directory } = deadLog(3)
    log.closeJournal()
    const stubs = ['00000000000000ff', '0000000000000100', '0000000000000200'].map((name) =>
      join(directory, `${name}.seg`),
    )
    for (const stub of stubs) writeFileSync(stub, '')
    expect(recoverLog(nodeDisk, directory)).toMatchObject({ position: log.end, damage: [] })
    expect(stubs.filter((stub) => existsSync(stub))).toEqual([])
  })

  it('says of a log of which nothing can be read that there is one', () => {
    const { log, directory } = deadLog(3)
    log.closeJournal()
    const path = join(directory, '0000000000000000.seg')
    writeFileSync(path, new Uint8Array(readFileSync(path).length))
    expect(() => recoverLog(nodeDisk, directory)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_UNREADABLE' }),
    )
  })

  it('is nothing where no record was ever written', () => {
    expect(recoverLog(nodeDisk, temporaryFolder())).toBeUndefined()
    const { log, directory } = deadLog(0)
    log.closeJournal()
    expect(existsSync(join(directory, '0000000000000000.seg'))).toBe(false)
    expect(recoverLog(nodeDisk, directory)).toBeUndefined()
  })
})

describe('a segment of which a flush failed', () => {
  /** A dead log with the note that its process left, and what the kernel takes for clean. */
  function leaveUnflushed() {
    const dead = deadLog(5)
    dead.log.closeJournal()
    const path = segmentPath(dead.directory, 0)
    writeFileSync(`${path}.unflushed`, '')
    return { ...dead, path, inode: nodeDisk.stat(path)?.inode, bytes: readFileSync(path) }
  }

  it('is written again by whoever adopts the log: the kernel takes its pages for clean', () => {
    const { directory, path, inode, bytes, head } = leaveUnflushed()
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({ root: head.root })
    expect(nodeDisk.stat(path)?.inode).not.toBe(inode)
    expect(readFileSync(path)).toEqual(bytes)
    expect(existsSync(`${path}.unflushed`)).toBe(false)
  })

  it('is written again though somebody has spoken for the log before', () => {
    const { directory, path, inode, log } = leaveUnflushed()
    writeFileSync(log.paths.end, formatLogEnd(log.head))
    expect(recoverLog(nodeDisk, directory)?.settled).toBe(true)
    expect(nodeDisk.stat(path)?.inode).not.toBe(inode)
  })

  it('is noted by an adopter that cannot flush it either, and delivered all the same', () => {
    const dead = deadLog(5)
    dead.log.closeJournal()
    const fails = (): never => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }
    const disk = { ...nodeDisk, syncData: fails }
    expect(recoverLog(disk, dead.directory)?.end).toMatchObject({ root: dead.head.root })
    expect(existsSync(`${segmentPath(dead.directory, 0)}.unflushed`)).toBe(true)
  })
})

describe('a log whose flush failed', () => {
  /** Half of its records stand in two files. */
  async function rescuedLog() {
    const disk = createFaultyDisk()
    const dead = deadLog(8, 4, 65_536, disk)
    await dead.log.settled()
    for (let number = 8; number < 14; number++) dead.log.append(requestDraft(number))
    disk.syncError = 'EIO'
    const waiting = dead.log.settled()
    disk.syncError = undefined
    await waiting
    for (let number = 14; number < 18; number++) dead.log.append(requestDraft(number))
    const { size, head } = dead.log
    dead.log.closeJournal()
    return { ...dead, size, head }
  }

  it('is whole, with some records twice, byte by byte', async () => {
    const { directory, size, head } = await rescuedLog()
    const records = listSegments(nodeDisk, directory).flatMap(
      (first) => readSegment(nodeDisk, directory, first).records,
    )
    expect(records).toHaveLength(size + 6)
    expect(new Set(records.map(({ text }) => text)).size).toBe(size)
    expect(recoverLog(nodeDisk, directory)).toMatchObject({ damage: [], end: { root: head.root } })
    expect(checkLog(directory)).toMatchObject({
      records: size,
      damage: [],
      missing: [],
      end: { root: head.root, differing: [] },
    })
  })

  it.each([0, 1, 500])(
    'is whole when the power cut left %i bytes of its last frames',
    async (n) => {
      const { directory, size, head } = await rescuedLog()
      const path = join(directory, '0000000000000000.seg')
      const whole = readFileSync(path)
      const flushed = frameEnds(whole)[10] ?? 0
      const noise = Buffer.alloc(whole.length - flushed - n, 0)
      writeFileSync(path, Buffer.concat([whole.subarray(0, flushed + n), noise]))
      expect(recoverLog(nodeDisk, directory)).toMatchObject({
        damage: [],
        end: { root: head.root },
      })
      expect(checkLog(directory)).toMatchObject({ records: size, damage: [], missing: [] })
      expect(delivered(directory)).toEqual({ records: size, damage: [] })
    },
  )

  it('is delivered without the copies', async () => {
    const { directory, size } = await rescuedLog()
    expect(delivered(directory)).toEqual({ records: size, damage: [] })
  })
})

function frameEnds(segment: Buffer): number[] {
  return [...scanFrames(segment, 64, 0)].flatMap((found) =>
    found.type === 'frame' ? [found.frame.end] : [],
  )
}

function delivered(directory: string) {
  const damage: JournalDamage[] = []
  const limits = { maxBatchRecords: 3, maxBatchBytes: 65_536 }
  const tail = new Tail(nodeDisk, directory, undefined, limits, (found) => damage.push(found))
  const last = listSegments(nodeDisk, directory).at(-1) ?? 0
  const { size } = nodeDisk.stat(segmentPath(directory, last)) ?? { size: 0 }
  let records = 0
  for (;;) {
    const batch = tail.next({ segment: last, offset: size }, true)
    if (!batch) break
    records += batch.frames.length
    tail.pass(batch)
  }
  tail.close()
  return { records, damage }
}
