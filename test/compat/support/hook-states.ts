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

/** What the self-test of an application says, as `tokentrail doctor` gets it. */
export interface SelfTestFile {
  /** To start the application with. */
  readonly env: Readonly<Record<string, string>>
  /** Waits until a library has the state. */
  becomes(library: string, state: string): Promise<HookState>
  /** Removes the file. */
  remove(): void
}

/** Makes room for the self-test of one application. */
export function createSelfTestFile(): SelfTestFile {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-states-'))
  const path = join(folder, 'doctor.json')
  return {
    env: { TOKENTRAIL_DOCTOR_FILE: path },
    becomes: (library, state) =>
      until(`${library} to be ${state}`, () =>
        readStates(path).find((hook) => hook.name === library && hook.state === state),
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function readStates(path: string): readonly HookState[] {
  try {
    const { recording } = JSON.parse(readFileSync(path, 'utf8')) as DoctorFile
    return recording?.hooks ?? []
  } catch {
    return []
  }
}

interface DoctorFile {
  readonly recording?: { readonly hooks: readonly HookState[] }
}
