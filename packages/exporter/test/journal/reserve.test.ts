import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Reserve } from '../../src/journal/reserve.ts'
import { createFaultyDisk } from '../support/faulty-disk.ts'
import { temporaryFolder } from '../support/folder.ts'

const MIB = 1024 * 1024

function make(bytes = 3 * MIB) {
  const disk = createFaultyDisk()
  const path = join(temporaryFolder(), 'reserve')
  const reserve = new Reserve(disk, path, bytes)
  return { disk, path, reserve, size: () => statSync(path).size }
}

describe('a reserve', () => {
  it('takes as many bytes as it keeps, with room beyond', () => {
    const { reserve, size } = make()
    expect(reserve.fill()).toBe(true)
    expect(size()).toBe(3 * MIB)
    expect(reserve.size).toBe(3 * MIB)
  })

  it('gives room in steps, until nothing is left', () => {
    const { reserve, disk, size } = make(MIB)
    reserve.fill()
    disk.room = 0
    let steps = 0
    while (reserve.give()) steps++
    expect(steps).toBe(4)
    expect(size()).toBe(0)
    expect(disk.room).toBe(MIB)
  })

  it('is made whole again, and only then says that there is room', () => {
    const { reserve, disk, size } = make()
    reserve.fill()
    disk.room = 0
    reserve.give()
    disk.room = 256 * 1024
    expect(reserve.fill()).toBe(false)
    expect(size()).toBe(3 * MIB - 256 * 1024)
    disk.room = 256 * 1024 + 64 * 1024
    expect(reserve.fill()).toBe(true)
    expect(size()).toBe(3 * MIB)
  })

  it('takes nothing where there is not room for all of it, and still tells when there is some', () => {
    const { reserve, disk } = make()
    disk.room = 2 * MIB
    expect(reserve.fill()).toBe(true)
    expect(reserve.size).toBe(0)
    expect(disk.room).toBe(2 * MIB)
    disk.room = 1000
    expect(reserve.fill()).toBe(false)
  })

  it('leaves nothing behind where a quota has less room than the volume', () => {
    const { reserve, disk, size } = make()
    disk.freeBytes = () => Infinity
    disk.room = 2 * MIB
    reserve.fill()
    expect(size()).toBe(0)
    expect(disk.room).toBe(2 * MIB)
  })

  it('is gone when it is removed, and gives nothing more', () => {
    const { reserve, path } = make()
    reserve.fill()
    reserve.remove()
    expect(existsSync(path)).toBe(false)
    expect(reserve.give()).toBe(false)
  })
})
