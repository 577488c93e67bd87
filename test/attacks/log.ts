import { type TestLog, buildTestLog } from '../../packages/ledger/test/log-builder.ts'

/** What is attacked: a log, another history under the same key, and a log of somebody else. */
export interface Targets {
  readonly log: TestLog
  /** The same beginning, then other records, signed with the same key. */
  readonly fork: TestLog
  /** The whole history written anew by the holder of the key. */
  readonly rewrite: TestLog
  readonly stranger: TestLog
}

/** Builds logs of about so many records, the same in every run. */
export async function buildTargets(records: number): Promise<Targets> {
  const count = Math.floor((records * 24) / 25) - 4
  const options = { count, every: 24, frontierEvery: 4 } as const
  const fork = Math.floor(count / 2)
  return {
    log: await buildTestLog(options),
    fork: await buildTestLog({ ...options, salt: (i) => (i < fork ? '' : ' other') }),
    rewrite: await buildTestLog({ ...options, salt: () => ' rewritten' }),
    stranger: await buildTestLog({ ...options, log: 'orders/0/stranger', keyByte: 9 }),
  }
}
