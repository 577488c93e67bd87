import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tryLock } from '../../src/journal/lock.ts'
import { temporaryFolder } from '../support/folder.ts'

const LOCK_MODULE = new URL('../../src/journal/lock.ts', import.meta.url).href

/** A process that takes the lock, says so, and holds it until it is killed. */
async function startHolder(path: string) {
  const program = `
    import { tryLock } from ${JSON.stringify(LOCK_MODULE)}
    process.stdout.write(tryLock(${JSON.stringify(path)}) ? 'held' : 'refused')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors: string[] = []
  child.stderr.on('data', (data: Buffer) => errors.push(data.toString()))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString(), errors }
}

describe('the lock of a log', () => {
  it('refuses a second holder in this process, and is free again after release', () => {
    const path = join(temporaryFolder(), 'lock')
    const lock = tryLock(path)
    expect(lock).toBeDefined()
    expect(tryLock(path)).toBeUndefined()
    lock?.release()
    lock?.release()
    const again = tryLock(path)
    expect(again).toBeDefined()
    again?.release()
  })

  it('refuses a holder in another process, and says nothing on its stderr', async () => {
    const path = join(temporaryFolder(), 'lock')
    const holder = await startHolder(path)
    expect(holder.said).toBe('held')
    expect(tryLock(path)).toBeUndefined()
    const second = await startHolder(path)
    expect(second.said).toBe('refused')
    expect([...holder.errors, ...second.errors]).toEqual([])
  })

  it('is free once its holder was killed', async () => {
    const path = join(temporaryFolder(), 'lock')
    const { child } = await startHolder(path)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = tryLock(path)
    expect(lock).toBeDefined()
    lock?.release()
  })
})
