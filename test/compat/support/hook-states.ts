import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../e2e/support/until.ts'

/** One line of the self-test. */
export interface HookState {
  readonly name: string
  readonly state: string
  readonly reason?: string
  readonly versions?: readonly string[]
}

/** How one issuer stands. */
export interface IssuerState {
  readonly issuer: string
  readonly state: string
  readonly verified: number
  readonly refused: number
}

/** What the self-test of an application says, as `tokentrail doctor` gets it. */
export interface SelfTestFile {
  /** To start the application with. */
  readonly env: Readonly<Record<string, string>>
  /** Waits until a library has the state. */
  becomes(library: string, state: string): Promise<HookState>
  /** How the issuers stand whose tokens the recorder verifies. */
  issuers(): readonly IssuerState[]
  /** Removes the file. */
  remove(): void
}

/** The file is written again within 200 ms. */
const MAX_WAIT_MILLIS = 10_000

/** Makes room for the self-test of one application. */
export function createSelfTestFile(): SelfTestFile {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-states-'))
  const path = join(folder, 'doctor.json')
  return {
    env: { TOKENTRAIL_DOCTOR_FILE: path },
    becomes: (library, state) =>
      until(
        `${library} to be ${state}`,
        () => readStates(path).find((hook) => hook.name === library && hook.state === state),
        MAX_WAIT_MILLIS,
      ),
    issuers: () => readRecording(path)?.issuers ?? [],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function readStates(path: string): readonly HookState[] {
  return readRecording(path)?.hooks ?? []
}

function readRecording(path: string): DoctorFile['recording'] {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as DoctorFile).recording
  } catch {
    return undefined
  }
}

interface DoctorFile {
  readonly recording?: {
    readonly hooks: readonly HookState[]
    readonly issuers?: readonly IssuerState[]
  }
}
