import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ACCEPT, startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { openTestLog } from './support/open.ts'
import { startWriter } from './support/writer.ts'

const originOf = (line: string | undefined) => line?.replace('open ', '') ?? ''

describe('the log of a dead process', () => {
  it('is adopted by one of several starters, however many race for it', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const victim = startWriter(directory, collector.url, '10')
    await victim.until(100)
    victim.child.kill('SIGKILL')
    await victim.ended()
    collector.react = ACCEPT
    const origin = originOf(victim.lines[0])
    const starters = Array.from({ length: 4 }, () =>
      startWriter(directory, collector.url, '1', 'run', '1'),
    )
    await Promise.all(starters.map((starter) => starter.until(1)))
    const { log } = openTestLog({ directory, endpoint: collector.url })
    const texts = () => collector.accepted.map(({ text }) => text)
    const last = victim.acknowledged().at(-1)
    await collector.until(() => texts().some((text) => text.includes(`"http.route":"/${last}"`)))
    await collector.until(() => texts().some((text) => text.includes(`"prevLog":"${origin}"`)))
    for (const starter of starters) starter.child.kill('SIGKILL')
    await log.shutdown(10_000)
    expect(texts().filter((text) => text.includes(`"prevLog":"${origin}"`))).toHaveLength(1)
    const uids = collector.accepted.map(({ uid }) => uid).filter((uid) => uid.startsWith(origin))
    expect(new Set(uids).size).toBe(uids.length)
    await collector.close()
  })

  it('is left alone while its process lives, stopped or not', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const owner = startWriter(directory, collector.url, '1', 'run', '20')
    await owner.until(20)
    owner.child.kill('SIGSTOP')
    const origin = originOf(owner.lines[0])
    collector.react = ACCEPT
    const { log } = openTestLog({ directory, endpoint: collector.url })
    expect(await log.shutdown(10_000)).toBe(true)
    const uuid = origin.split('/')[2] ?? ''
    expect(existsSync(join(directory, 'journal', 'orders', 'slot-0', uuid, 'end.json'))).toBe(false)
    expect(collector.accepted.every(({ uid }) => !uid.startsWith(origin))).toBe(true)
    owner.child.kill('SIGCONT')
    await collector.until(() => collector.accepted.some(({ uid }) => uid.startsWith(origin)))
    owner.child.kill('SIGKILL')
    await owner.ended()
    await collector.close()
  })

  it('is left to its own service', async () => {
    const directory = temporaryFolder()
    const victim = startWriter(directory, 'http://127.0.0.1:9/v1/logs', '1', 'run', '20')
    await victim.until(20)
    victim.child.kill('SIGKILL')
    await victim.ended()
    const collector = await startCollector()
    const resource = { 'service.name': 'payments' }
    const { log } = openTestLog({ directory, endpoint: collector.url, resource })
    expect(await log.shutdown(10_000)).toBe(true)
    expect(collector.accepted.every(({ uid }) => uid.startsWith('payments/'))).toBe(true)
    await collector.close()
  })

  it('is delivered after all when its adopter died as well', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const victim = startWriter(directory, collector.url, '1', 'run', '20')
    await victim.until(20)
    victim.child.kill('SIGKILL')
    await victim.ended()
    const adopter = startWriter(directory, collector.url, '1', 'run', '5')
    await adopter.until(1)
    adopter.child.kill('SIGKILL')
    await adopter.ended()
    const origins = [originOf(victim.lines[0]), originOf(adopter.lines[0])]
    collector.react = ACCEPT
    const { log } = openTestLog({ directory, endpoint: collector.url })
    const isSpokenFor = (origin: string) =>
      collector.accepted.some(({ text }) => text.includes(`"prevLog":"${origin}"`))
    await collector.until(() => origins.every(isSpokenFor))
    expect(await log.shutdown(10_000)).toBe(true)
    const delivered = collector.accepted.filter(({ uid }) => uid.startsWith(origins[0] ?? ''))
    expect(delivered.length).toBeGreaterThan(victim.acknowledged().length)
    await collector.close()
  })
})

describe('the end of a process', () => {
  it('seals and delivers the log on exit, and changes neither exit code nor stderr', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector()
    const writer = startWriter(directory, collector.url, '50', 'exit', '400')
    expect(await writer.ended()).toBe(7)
    expect(writer.lines.at(-1)).toBe('delivered true')
    expect(writer.errors).toEqual([])
    const types = collector.accepted.map(({ eventName }) => eventName)
    expect(types.slice(-2)).toEqual(['tokentrail.log.close', 'tokentrail.log.checkpoint'])
    const uuid = originOf(writer.lines[0]).split('/')[2] ?? ''
    const end = readFileSync(
      join(directory, 'journal', 'orders', 'slot-0', uuid, 'end.json'),
      'utf8',
    )
    expect(JSON.parse(end)).toMatchObject({ kind: 'sealed' })
    await collector.close()
  })

  it('waits no longer than it was told for a collector that is not there', async () => {
    const directory = temporaryFolder()
    const writer = startWriter(directory, 'http://127.0.0.1:9/v1/logs', '50', 'exit', '50')
    expect(await writer.ended()).toBe(7)
    expect(writer.lines.at(-1)).toBe('delivered false')
    expect(writer.errors).toEqual([])
    expect(readdirSync(join(directory, 'journal', 'orders', 'slot-0'))).toHaveLength(1)
  })

  it('comes by itself when the application has nothing left to do', async () => {
    const collector = await startCollector()
    const writer = startWriter(temporaryFolder(), collector.url, '50', 'drain', '50')
    expect(await writer.ended()).toBe(0)
    expect(writer.errors).toEqual([])
    await collector.close()
  })
})
