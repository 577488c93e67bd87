import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDifferences, generate } from '../scripts/generate.ts'
import { readModel, readModelFiles } from '../scripts/read-model.ts'

const MODEL = join(import.meta.dirname, '../model')

describe('generated files', () => {
  it('are what the registry says', async () => {
    const files = await generate(readModel(readModelFiles(MODEL)))
    expect(files.length).toBe(8)
    expect(await findDifferences(files)).toEqual([])
  })

  it('are found to differ when the registry changes', async () => {
    const files = new Map(readModelFiles(MODEL))
    const text = files.get('attributes.yaml') ?? ''
    files.set('attributes.yaml', text.replace('brief: Allowed.', 'brief: Let through.'))
    expect(await findDifferences(await generate(readModel(files)))).toEqual([
      'packages/semantic-conventions/src/generated/enums.ts',
      'docs/reference/attributes.md',
    ])
  })
})
