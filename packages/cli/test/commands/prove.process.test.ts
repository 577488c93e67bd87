import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { LogRecord } from '../../../../test/backends/log-record.ts'
import { type History, formatLine, recordHistory } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runMain } from '../support/run.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

const recorded = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
let history: History
beforeAll(async () => {
  history = await recordHistory(recorded)
})
afterAll(() => rmSync(recorded, { recursive: true, force: true }))

/** Runs the program, and kills it at the n-th call that changes files. */
async function runAndKill(args: readonly string[], dieAt: number): Promise<string | null> {
  const options = ['--conditions=@tokentrail/source', '--import', fixture('die-at.mjs')]
  const child = spawn(process.execPath, [...options, fixture('tokentrail.mjs'), ...args], {
    env: { PATH: process.env['PATH'], DIE_AT: String(dieAt), TOKENTRAIL_DIR: '/nonexistent' },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return signal
}

it('leaves a whole bundle or none, wherever it is killed', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder()
  const exported = join(folder, 'records.jsonl')
  writeFileSync(exported, formatLine(history.records))
  const record = history.records[3] as LogRecord
  const uid = JSON.parse(record.body.stringValue) as { readonly log: string }
  const about = ['prove', '--record', `${uid.log}.3`, exported, '--root', history.rootFile, '--out']
  const whole = join(folder, 'whole.json')
  expect((await runMain([...about, whole])).code).toBe(0)
  const outcomes: string[] = []
  for (let dieAt = 1; dieAt < 20; dieAt++) {
    const out = join(folder, `proof-${dieAt}.json`)
    const signal = await runAndKill([...about, out], dieAt)
    const isWhole = existsSync(out) && readFileSync(out, 'utf8') === readFileSync(whole, 'utf8')
    outcomes.push(isWhole ? 'whole' : existsSync(out) ? 'torn' : 'none')
    if (signal === null) break
    expect(signal).toBe('SIGKILL')
  }
  expect(outcomes[0]).toBe('none')
  expect(outcomes.at(-1)).toBe('whole')
  expect(outcomes).not.toContain('torn')
  expect(outcomes.length).toBeGreaterThan(4)
})
