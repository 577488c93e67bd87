import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LIBRARIES } from '../../src/libraries/table.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

describe('the documentation of libraries', () => {
  it.each(LIBRARIES.map(({ module }) => module))('says what is recorded of %s', (module) => {
    expect(read('packages/instrumentation/README.md')).toMatch(
      new RegExp(`[|\`] ?${module}[ \`]`, 'i'),
    )
  })

  it.each([
    'packages/instrumentation/src/libraries/okta-jwt-verifier.ts',
    'test/libraries/okta-jwt-verifier/verifier.mjs',
    'test/compat/okta-jwt-verifier.test.ts',
  ])('shows %s as it is', (path) => {
    expect(read('docs/adding-a-library.md')).toContain(`\n${read(path).trimEnd()}\n\`\`\``)
  })
})
