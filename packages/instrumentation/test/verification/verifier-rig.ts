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
    find: (token) => {
      const before = total(rig.verifier)
      return new Promise((resolve, reject) => {
        const { verdict } = rig.verifier.begin(token, resolve)
        if (verdict !== undefined) return resolve(verdict)
        const started = Date.now()
        // An answer that leaves a token undecided is told to nobody: it shows in the counts alone.
        const poll = setInterval(() => {
          const late = Date.now() - started > MAX_WAIT_MILLIS
          if (total(rig.verifier) === before && !late) return
          clearInterval(poll)
          if (late) reject(new Error('no verdict'))
          else setImmediate(() => resolve(undefined))
        }, 5)
        return undefined
      })
    },
  }
  onTestFinished(() => rig.verifier.close())
  return rig
}

function total(verifier: TokenVerifier): number {
  return verifier
    .states()
    .reduce((sum, { refused, undecided, verified }) => sum + refused + undecided + verified, 0)
}
