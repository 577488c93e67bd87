import { describe, expect, it } from 'vitest'
import { runCommand } from '../../src/collector/run-command.ts'

const script = (text: string, timeoutMillis = 10_000): ReturnType<typeof runCommand> =>
  runCommand(process.execPath, ['-e', text], { env: process.env, timeoutMillis })

describe('runCommand', () => {
  it('returns the exit code and both streams as lines, the unfinished last one too', async () => {
    const text = `console.log('a\\nb'); process.stderr.write('c'); process.exitCode = 3`
    expect(await script(text)).toEqual({
      exitCode: 3,
      failure: undefined,
      stdout: ['a', 'b'],
      stderr: ['c'],
    })
  })

  it('does not reject when the program does not exist', async () => {
    const options = { env: process.env, timeoutMillis: 1_000 }
    expect(await runCommand('/nowhere/go', [], options)).toMatchObject({
      exitCode: undefined,
      failure: 'ENOENT',
    })
  })

  it('kills what takes too long', async () => {
    expect(await script('setInterval(() => {}, 1000)', 100)).toMatchObject({
      exitCode: undefined,
      failure: 'timeout',
    })
  })

  it('does not wait for what a killed program has started', async () => {
    // It would hold the pipes for longer than a test may take.
    const own = "['-e', 'setTimeout(() => {}, 600000)'], { stdio: 'inherit' }"
    const { failure, stdout } = await script(
      `console.log(require('child_process').spawn(process.execPath, ${own}).pid); setInterval(() => {}, 1000)`,
      1_000,
    )
    process.kill(Number(stdout[0]), 'SIGKILL')
    expect(failure).toBe('timeout')
  })

  it('keeps the last 2,000 lines', async () => {
    const { stdout } = await script(`for (let i = 0; i < 2500; i++) console.log(i)`)
    expect(stdout).toHaveLength(2_000)
    expect(stdout.at(-1)).toBe('2499')
  })
})
