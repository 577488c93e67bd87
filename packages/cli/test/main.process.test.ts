import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './support/folder.ts'

const PROGRAM = fileURLToPath(new URL('./fixtures/tokentrail.mjs', import.meta.url))

/** Starts the program in a process of its own. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--conditions=@tokentrail/source', PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as unknown, err }))
  return { child, ended }
}

describe('the process', () => {
  it('never exits with "valid" when nobody reads what it says', async () => {
    const { child, ended } = start(['--help'])
    child.stdout.destroy()
    expect(await ended).toEqual({ code: 1, err: '' })
  })

  it('stops reading a standard input that never ends', async () => {
    const folder = temporaryFolder()
    const keyFile = join(folder, 'key.json')
    const k = Buffer.alloc(32, 7).toString('base64url')
    writeFileSync(keyFile, JSON.stringify({ kty: 'oct', k, kid: 'k1', epoch: 1 }))
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: keyFile }
    const { child, ended } = start(['search', folder, '--token', '-'], env)
    const feed = (): void => {
      while (child.stdin.write(Buffer.alloc(4096, 'x')));
    }
    child.stdin.on('drain', feed).on('error', () => {})
    feed()
    expect(await ended).toEqual({
      code: 1,
      err: expect.stringContaining('standard input is larger than 64 KiB') as unknown,
    })
  })

  it('ends the viewer when it is told to, and leaves nothing running', async () => {
    const { child, ended } = start(['viewer', '--port', '0'], { TOKENTRAIL_DIR: temporaryFolder() })
    let out = ''
    for await (const text of child.stdout.setEncoding('utf8')) {
      out += text
      if (out.includes('\nOTLP')) break
    }
    const [, url = ''] = /^viewer: (http:\/\/127\.0\.0\.1:\d+)$/m.exec(out) ?? []
    expect((await fetch(`${url}/api/logs`)).status).toBe(200)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('explains a port that is in use', async () => {
    const first = start(['viewer', '--port', '0'], { TOKENTRAIL_DIR: temporaryFolder() })
    const [text] = (await once(first.child.stdout.setEncoding('utf8'), 'data')) as [string]
    const port = /:(\d+)$/m.exec(text)?.[1] ?? ''
    const second = start(['viewer', '--port', port], { TOKENTRAIL_DIR: temporaryFolder() })
    expect(await second.ended).toEqual({
      code: 1,
      err: `tokentrail viewer: port ${port} of the viewer is in use: stop what uses it, or give another port\n`,
    })
    first.child.kill('SIGTERM')
    await first.ended
  })
})
