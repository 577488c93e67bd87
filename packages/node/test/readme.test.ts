import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { formatSettingsTable } from '../src/format-settings.ts'

it('the README has the table of settings as it is in code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  // The formatter of the repository may pad cells.
  const rows = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.replaceAll(/\s*\|\s*/g, '|').replaceAll(/-{3,}/g, '---'))
  const section = /<!-- settings:[^>]*-->(.*)<!-- \/settings -->/s.exec(readme)?.[1] ?? ''
  expect(rows(section)).toEqual(rows(formatSettingsTable()))
})
