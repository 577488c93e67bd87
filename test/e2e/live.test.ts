import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readExport } from '@tokentrail/exporter'
import { verifyLogs, type VerificationReport } from '@tokentrail/ledger'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { descendantsOf, stillRunning } from './support/processes.ts'
import { startProgram, type Program } from './support/program.ts'
import { hasCollector, QUICKSTART, runQuickstart } from './support/quickstart.ts'
import { ROOT, tokentrail } from './support/run.ts'
import { until } from './support/until.ts'

// Top level, because how the suite runs has to be known when it is collected.
const hasRealCollector = await hasCollector('test/e2e/live.test.ts runs without one')
const MODE = hasRealCollector ? [] : ['--embedded']

const FREE_PORTS = ['collector', 'viewer', 'authorization-server', 'api'].flatMap((name) => [
  `--${name}-port`,
  '0',
])

interface SessionSummary {
  readonly user: { readonly name: string | null } | null
  readonly client: string | null
}

describe('the live quick start', () => {
  let dir: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tokentrail-e2e-live-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const start = (...flags: string[]): Program => {
    const args = [QUICKSTART, '--dir', dir, ...FREE_PORTS, ...MODE, ...flags]
    const program = startProgram(args, { cwd: ROOT })
    onTestFinished(async () => {
      const pids = descendantsOf(program.pid)
      await program.end('SIGKILL')
      killAll(stillRunning(pids))
    })
    return program
  }
  const killAll = (pids: readonly number[]): void => {
    for (const pid of pids) process.kill(pid, 'SIGKILL')
  }
  /** Waits until its page shows a session, and says whose. */
  const showsSession = async (program: Program): Promise<SessionSummary> => {
    const [, url = ''] = await program.prints(/^viewer: (http:\S+)$/m)
    return until('a session in the viewer', async () => {
      const response = await fetch(new URL('/api/sessions', url))
      const { sessions } = (await response.json()) as { sessions: SessionSummary[] }
      return sessions.find(({ user }) => user?.name !== null)
    })
  }
  const verifyInProcess = (): Promise<VerificationReport> => {
    const root = readFileSync(join(dir, 'keys', 'root.jwk.json'), 'utf8')
    return verifyLogs(readExport([join(dir, 'export')], { onUnreadable: () => {} }), {
      roots: [JSON.parse(root) as { kty: string }],
    })
  }
  const verify = async () => {
    const root = join(dir, 'keys', 'root.jwk.json')
    const args = ['verify', join(dir, 'export'), '--root', root, '--json']
    const { code, stdout } = await tokentrail(args)
    return { code, report: JSON.parse(stdout) as VerificationReport & { unreadable: unknown[] } }
  }

  it('shows sessions, stops in order at Ctrl-C, seals, leaves nothing behind, starts again', async () => {
    const first = start()
    expect(await showsSession(first)).toMatchObject({
      user: { name: 'alice' },
      client: 'orders-web',
    })
    const children = descendantsOf(first.pid)
    expect(children.length).toBeGreaterThanOrEqual(3)
    expect(await first.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(first.output()).toMatch(
      /stopping: traffic, API, collector, viewer\n(?:traffic: .*\n)?sealed and stopped\n$/,
    )
    expect(first.output()).not.toMatch(/WARNING|ECONNREFUSED|does not accept|did not stop/)
    await until('its processes to end', () => stillRunning(children).length === 0 || undefined)
    expect(await verify()).toMatchObject({ code: 0, report: { verdict: 'VALID_SEALED' } })

    const second = start()
    await showsSession(second)
    expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const { code, report } = await verify()
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', unreadable: [] })
    expect(code).toBe(0)
    // Authorization server, API and viewer, twice.
    expect(report.logs).toHaveLength(6)
  })

  it('is told that another quick start uses the folder, and leaves that one alone', async () => {
    const first = start()
    await first.prints(/^viewer: /m)
    const args = ['--dir', dir, ...FREE_PORTS, ...MODE]
    const { code, stderr } = await runQuickstart(...args)
    expect(stderr).toContain(`another quick start runs in ${dir}; stop it, or name another --dir`)
    expect(code).toBe(2)
    await showsSession(first)
    expect(await first.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect((await verify()).code).toBe(0)
  })

  it('is ended by its warden when it is killed, and starts again in the same folder', async () => {
    const first = start()
    await showsSession(first)
    const children = descendantsOf(first.pid)
    await first.end('SIGKILL')
    await until('its processes to end', () => stillRunning(children).length === 0 || undefined)

    const second = start()
    await showsSession(second)
    expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect((await verify()).report.verdict).toBe('VALID_SEALED')
  })

  it('adopts what it left when all of it was killed, and seals it', async () => {
    const first = start()
    await showsSession(first)
    const all = descendantsOf(first.pid)
    process.kill(first.pid, 'SIGSTOP')
    killAll(all)
    await first.end('SIGKILL')
    await until('all to be dead', () => stillRunning(all).length === 0 || undefined)
    const dead = (await verifyInProcess()).logs.map(({ log }) => log)
    expect(dead).not.toEqual([])

    const second = start()
    await showsSession(second)
    await until('the dead logs to be sealed', async () => {
      const { logs } = await verifyInProcess()
      const sealed = logs.filter(({ state }) => state === 'sealed').map(({ log }) => log)
      return dead.every((log) => sealed.includes(log)) || undefined
    })
    expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
    const { code, report } = await verify()
    expect(report.findings).toEqual([])
    expect(report.verdict).toBe('VALID_SEALED')
    // A collector that is killed may leave half a line, whose records are sent again.
    expect(code).toBe(report.unreadable.length > 0 ? 1 : 0)
    expect(report.anchors.map(({ log }) => log)).toEqual(expect.arrayContaining(dead))
  })

  it('says which of its parts ended by themselves, and still stops at Ctrl-C', async () => {
    const program = start()
    await program.prints(/Ctrl-C ends it/)
    killAll(descendantsOf(program.pid))
    await program.prints(/^orders-api ended by itself/m)
    await program.prints(/^authorization-server ended by itself/m)
    if (hasRealCollector) await program.prints(/^the collector ended by itself \(SIGKILL\)/m)
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
  })

  describe('when a port is in use', () => {
    const occupy = async (port: number): Promise<number> => {
      const server: Server = createServer().listen(port, '127.0.0.1')
      onTestFinished(() => void server.close())
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    }

    it('says so and ends (2) for one that was asked for', async () => {
      const port = await occupy(0)
      const { code, stderr } = await runQuickstart('--dir', dir, '--viewer-port', String(port))
      expect(code).toBe(2)
      expect(stderr).toContain(`port ${port} is in use; choose another with --viewer-port`)
      expect(stderr).not.toMatch(/\n\s+at /)
    })

    it('takes another one in place of the usual one, and says so', async () => {
      // Somebody else may have the port already; it is in use all the same.
      await occupy(4321).catch(() => undefined)
      const usualApiPort = FREE_PORTS.slice(0, -2)
      const args = [QUICKSTART, '--dir', dir, ...usualApiPort, ...MODE]
      const program = startProgram(args, { cwd: ROOT })
      onTestFinished(() => void program.end('SIGKILL'))
      const [, port] = await program.prints(/port 4321 is in use; the api takes (\d+) instead/)
      await program.prints(new RegExp(`orders api listening on http://127.0.0.1:${port}`))
      await program.prints(/Ctrl-C ends it/)
      expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
    })
  })
})
