import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { findFreePort } from '../packages/cli/src/collector/free-port.ts'

const TICK_MICROS = 10_000

/** A real collector that takes OTLP/HTTP logs. Linux only: its CPU is read from /proc. */
export class CollectorProcess {
  readonly url: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.#ended = once(child, 'exit')
    this.url = url
  }

  /**
   * @param binary - Its path; without one a TypeError says what is missing.
   * @param exporter - Its only exporter: name and settings, as in YAML's flow style.
   */
  static async start(
    binary: string | undefined,
    exporter: { readonly name: string; readonly settings: string },
  ): Promise<CollectorProcess> {
    if (binary === undefined) throw new TypeError('the path of a collector must be given')
    const port = await findFreePort('127.0.0.1')
    const { name, settings } = exporter
    const configuration = `yaml:{receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}, exporters: {${name}: ${settings}}, service: {telemetry: {metrics: {level: none}, logs: {level: error}}, pipelines: {logs: {receivers: [otlp], exporters: [${name}]}}}}`
    const child = spawn(binary, ['--config', configuration], { stdio: 'ignore' })
    return new CollectorProcess(child, `http://127.0.0.1:${port}`)
  }

  /** User and system time so far, in microseconds (proc_pid_stat(5), fields 14 and 15). */
  cpuMicros(): number {
    const stat = readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
  }

  /** Posts a body of OTLP logs; returns the status of the answer. */
  async post(body: Buffer, type: string = 'application/json'): Promise<number> {
    const response = await fetch(`${this.url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(body),
    })
    await response.arrayBuffer()
    return response.status
  }

  async stop(): Promise<void> {
    this.#child.kill()
    await this.#ended
  }
}
