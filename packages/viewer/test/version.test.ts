import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VERSION } from '../src/version.ts'

it('has the version of the package', () => {
  const file = new URL('../package.json', import.meta.url)
  expect(VERSION).toBe((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version)
})
