/**
 * What may be done to a process that records, and to its files: it is stopped and goes on, files
 * and folders of its journal are removed, replaced and moved away and back, the clock is set,
 * flushes fail, the receiver is away. Nothing is absent at the end, and the operator has heard of
 * it.
 *
 *     node test/faults/disturbances.ts [--outage 600]   (seconds; ten minutes by default)
 *
 * Each in both modes, ended by SIGKILL and by SIGTERM. Failing flushes need strace.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { HealthKind } from '@tokentrail/exporter'
import { type Disturbance, ENDINGS, type Scene, tryDisturbance } from './support/disturbed.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { ACCEPT } from './support/receiver.ts'
import { attachStrace, findStrace } from './support/strace.ts'
import { until } from './support/until.ts'

/** Longer than the process, and its receiver, wait for each other. */
const STOPPED_MILLIS = 1_500
const WAITED_MILLIS = 500
/** Longer than the log takes to notice. */
const NOTICED_MILLIS = 2_500

const HOUR = 3_600_000

/** What was under way when the folder went, or began before that was noticed: it is tried again. */
const GONE: readonly HealthKind[] = ['journal-not-synced', 'delivery-failed']

function currentSegment(log: string): string {
  const last = readdirSync(log)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .at(-1)
  return join(log, last ?? '')
}

/** The receiver does not answer for so many seconds; a connection is refused or reset. */
export const outage = (seconds: number): Disturbance => ({
  name: `${seconds} s of outage`,
  disturb: async ({ receiver }) => {
    receiver.script = ({ request }) => void request.socket.resetAndDestroy()
    await pause(seconds * 1_000)
    receiver.script = ACCEPT
  },
  told: [],
})

const removed = (name: string, told: readonly HealthKind[] = []): Disturbance => ({
  name: `the ${name} is removed`,
  disturb: async ({ log }) => {
    await until(`there is a ${name}`, () => existsSync(join(log, name)))
    rmSync(join(log, name))
    await pause(NOTICED_MILLIS)
  },
  told,
})

/** Away for a moment at a time, in which somebody may look. */
async function moveAwayAndBack(path: string): Promise<void> {
  for (let round = 0; round < 20; round++) {
    renameSync(path, `${path}.away`)
    // Whoever looks in between makes another; then it stays away.
    if (existsSync(path)) break
    renameSync(`${path}.away`, path)
    await pause(NOTICED_MILLIS / 20)
  }
}

/** Nothing is delivered meanwhile: what the folder holds is all there is. */
async function withoutReceiver({ receiver }: Scene, work: () => Promise<void>): Promise<void> {
  receiver.script = () => 503
  await pause(WAITED_MILLIS)
  await work()
  receiver.script = ACCEPT
}

const clock = (name: string, steps: readonly number[], excused = /^never/): Disturbance => ({
  name: `the clock is set ${name}`,
  disturb: async ({ writer }) => {
    for (let step = 0; step < steps.length; step++) {
      writer.child.kill('SIGUSR2')
      await pause(NOTICED_MILLIS)
    }
  },
  told: ['clock-stepped'],
  excused,
  writer: { preload: fileURLToPath(new URL('programs/stepping-clock.ts', import.meta.url)) },
  env: { FAULT_CLOCK_STEPS: steps.join(',') },
})

const failingFlushes: Disturbance = {
  name: 'one in three flushes fails with EIO',
  disturb: async ({ writer }) => {
    const inject = 'inject=fdatasync,fsync:error=EIO:when=1+3'
    const parameters = ['-f', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync', '-e', inject]
    const strace = await attachStrace(writer.child.pid ?? 0, parameters)
    await pause(NOTICED_MILLIS)
    await strace.detach()
  },
  told: ['journal-not-synced'],
}

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'SIGSTOP and SIGCONT',
    disturb: async ({ receiver, writer }) => {
      // Every answer is under way for a while, so that one is when it stops.
      receiver.script = ({ records, response }) => {
        receiver.accept(records)
        setTimeout(() => response.end('{}'), WAITED_MILLIS / 10)
        return undefined
      }
      for (let round = 0; round < 2; round++) {
        writer.child.kill('SIGSTOP')
        await pause(STOPPED_MILLIS)
        writer.child.kill('SIGCONT')
        await pause(STOPPED_MILLIS / 2)
      }
      receiver.script = ACCEPT
    },
    told: [],
    writer: { timeoutMillis: WAITED_MILLIS },
    keepAliveMillis: WAITED_MILLIS,
  },
  {
    name: 'the segment is removed',
    disturb: async ({ log }) => {
      rmSync(currentSegment(log))
      await pause(NOTICED_MILLIS)
    },
    told: ['journal-replaced'],
  },
  {
    name: 'the segment is replaced',
    disturb: async ({ log }) => {
      const path = currentSegment(log)
      rmSync(path)
      writeFileSync(path, 'what somebody else has written')
      await pause(NOTICED_MILLIS)
    },
    told: ['journal-replaced'],
  },
  removed('lock', ['journal-replaced']),
  removed('cursor'),
  removed('envelope.json'),
  {
    name: "the log's folder is moved away and back",
    disturb: ({ log }) => moveAwayAndBack(log),
    told: [],
    perhapsTold: ['journal-replaced', ...GONE],
  },
  {
    name: "the log's folder is moved away",
    disturb: async ({ directory, log }) => {
      renameSync(log, join(directory, 'away'))
      await pause(NOTICED_MILLIS)
    },
    told: ['journal-replaced'],
    perhapsTold: GONE,
  },
  {
    name: 'TOKENTRAIL_DIR is moved away and back',
    disturb: (scene) => withoutReceiver(scene, () => moveAwayAndBack(scene.directory)),
    told: [],
    perhapsTold: ['journal-replaced', ...GONE],
  },
  {
    name: 'another folder is TOKENTRAIL_DIR for a while',
    disturb: (scene) =>
      withoutReceiver(scene, async () => {
        const { directory, others } = scene
        renameSync(directory, `${directory}.away`)
        await pause(NOTICED_MILLIS)
        renameSync(directory, `${directory}.between`)
        renameSync(`${directory}.away`, directory)
        others.push(`${directory}.between`)
        await pause(NOTICED_MILLIS)
      }),
    // What waited for the receiver went with the folder, and is delivered from there afterwards.
    told: ['journal-replaced', 'journal-damaged'],
    perhapsTold: GONE,
    excused: /\.seg of log \S+ is gone\.$|tokentrail\.journal\.damage came after the end\.$/,
  },
  {
    name: 'TOKENTRAIL_DIR is removed',
    disturb: async ({ directory }) => {
      rmSync(directory, { recursive: true })
      await pause(NOTICED_MILLIS)
    },
    told: ['journal-replaced'],
    perhapsTold: GONE,
  },
  clock('an hour ahead and back again', [HOUR, -HOUR]),
  // Until it is noticed, within a second, records have times that the log's certificate does not.
  clock('two hours back', [-2 * HOUR], /EXPIRED_KEY/),
  clock('a day ahead', [25 * HOUR], /EXPIRED_KEY/),
  ...(findStrace().isFound ? [failingFlushes] : []),
]

export async function disturbAll(seconds: number): Promise<Outcome> {
  const problems: string[] = []
  for (const disturbance of DISTURBANCES) {
    for (const ending of ENDINGS) problems.push(...(await tryDisturbance(disturbance, ending)))
  }
  const [ending] = ENDINGS
  if (ending) problems.push(...(await tryDisturbance(outage(seconds), ending)))
  return {
    figures: `disturbances: ${DISTURBANCES.length} in ${ENDINGS.length} ways, ${seconds} s of outage`,
    problems,
  }
}

if (import.meta.main) {
  const { outage: seconds } = readNumbers({ outage: 600 })
  await runLongForm(() => disturbAll(seconds))
}
