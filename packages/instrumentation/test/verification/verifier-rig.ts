import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import {
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from '../../src/verification/token-verifier.ts'
import type { Verdict } from '../../src/verification/verdict.ts'

/** A verifier at a time that the test moves. */
export interface VerifierRig {
  readonly verifier: TokenVerifier
  readonly lines: string[]
  readonly faults: unknown[]
  /** Added to the time of day. */
  skewMillis: number
  /** What is known of a token, waiting for it if need be. */
  readonly find: (token: string) => Promise<Verdict | undefined>
}

/** Longest wait for a verdict that is expected. */
const MAX_WAIT_MILLIS = 10_000

export const fingerprint = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')

/** Starts a verifier for the rest of the test. */
export function startVerifier(
  issuers: TokenVerifierOptions['issuers'],
  options: Partial<TokenVerifierOptions> = {},
): VerifierRig {
  const lines: string[] = []
  const faults: unknown[] = []
  const rig: VerifierRig = {
    lines,
    faults,
    skewMillis: 0,
    verifier: createTokenVerifier({
      issuers,
      fingerprint,
      clock: { unixNanos: () => BigInt(Date.now() + rig.skewMillis) * 1_000_000n },
      readFile: () => Promise.resolve('s3cret\n'),
      onHealth: (line) => lines.push(line),
      onFault: (error) => faults.push(error),
      ...options,
    }),
    find: (token) =>
      new Promise((resolve, reject) => {
        const before = countUndecided(rig.verifier)
        const { verdict } = rig.verifier.begin(token, (found) => {
          clearInterval(poll)
          resolve(found)
        })
        const started = Date.now()
        // What stays undecided is told to nobody: it shows in the counts alone.
        const poll = setInterval(() => {
          const isLate = Date.now() - started > MAX_WAIT_MILLIS
          if (countUndecided(rig.verifier) === before && !isLate) return
          clearInterval(poll)
          if (isLate) reject(new Error('no verdict'))
          else setImmediate(() => resolve(undefined))
        }, 5)
        if (verdict === undefined) return
        clearInterval(poll)
        resolve(verdict)
      }),
  }
  onTestFinished(() => rig.verifier.close())
  return rig
}

function countUndecided(verifier: TokenVerifier): number {
  return verifier.states().reduce((sum, { undecided }) => sum + undecided, 0)
}
