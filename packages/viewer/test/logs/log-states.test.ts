import {
  LOST_LEAF,
  buildRoot,
  emptyRoot,
  encodeRecoveredMembers,
  formatBase64,
  hashLeaf,
} from '@tokentrail/ledger'
import type { RecordDraft } from '@tokentrail/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogState, RecordProof } from '../../src/api-types.ts'
import { LogStates } from '../../src/logs/log-states.ts'
import { createProver } from '../../src/logs/proof.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { buildRequests, createRecorder, type Recorder } from './recorder.ts'

const MINUTE = 60_000_000_000n

let recorder: Recorder
let texts: readonly string[] = []
let origin = ''

beforeAll(async () => {
  recorder = createRecorder()
  texts = await recorder.record(buildRequests(30))
  origin = (JSON.parse(texts[0] ?? '{}') as { log: string }).log
})
afterAll(() => recorder.close())

interface Followed {
  readonly store: Store
  readonly states: LogStates
  readonly add: (...added: readonly string[]) => Promise<LogState>
  readonly state: () => LogState
  readonly prove: (index: number) => Promise<RecordProof>
  readonly later: (nanos: bigint) => void
}

function follow(
  roots = [recorder.root],
  store = openStore(':memory:'),
  maxSettled = 1_000,
): Followed {
  let now = BigInt(Date.now()) * 1_000_000n
  const faults: unknown[] = []
  const states = new LogStates({
    store,
    roots,
    now: () => now,
    onFault: (fault) => faults.push(fault),
    maxSettled,
  })
  const logOf = () => {
    const log = store.tables.logs.find(origin)
    if (log === undefined) throw new Error('the log is not in the store')
    return log
  }
  const prove = createProver({ store, roots, states })
  return {
    store,
    states,
    async add(...added) {
      store.append(added.map((text) => ({ text })))
      await states.settled()
      expect(faults).toEqual([])
      return states.of(logOf())
    },
    state: () => states.of(logOf()),
    prove: (index) =>
      prove(logOf(), index, store.tables.records.find(logOf().id, index)?.text ?? ''),
    later: (nanos) => {
      now += nanos
    },
  }
}

describe('a log', () => {
  it('runs until its end has come, then is sealed; every record is proven', async () => {
    const { add, prove } = follow()
    expect(await add(...texts.slice(0, 20))).toMatchObject({ state: 'running', size: 20 })
    const state = await add(...texts.slice(20))
    expect(state).toMatchObject({
      state: 'sealed',
      size: texts.length,
      signedSize: texts.length - 1,
      findings: [],
      selfIssued: true,
      service: 'orders',
      slot: 'slot-0',
    })
    for (let index = 0; index < texts.length - 1; index += 1) {
      expect((await prove(index)).state).toBe('proven')
    }
    expect((await prove(texts.length - 1)).state).toBe('pending')
  })

  it('waits for what is out of order', async () => {
    const { add } = follow()
    expect(await add(...texts.slice(10))).toMatchObject({ state: 'running', size: 0 })
    expect(await add(...texts.slice(0, 10))).toMatchObject({ state: 'sealed', findings: [] })
  })

  it('is broken when a record stays away while later ones are there', async () => {
    const { add, state, later, prove } = follow()
    await add(...texts.slice(0, 5), ...texts.slice(6))
    expect(state().findings).toEqual([])
    later(2n * MINUTE)
    expect(state()).toMatchObject({
      state: 'broken',
      findings: [{ verdict: 'MISSING', index: 5 }],
    })
    expect((await prove(3)).explanation.join(' ')).toContain('without a hole')
  })

  it('is unsealed when it falls silent without an end', async () => {
    const { add, state, later, prove } = follow()
    await add(...texts.slice(0, 20))
    later(3n * MINUTE)
    expect(state()).toMatchObject({ state: 'unsealed', findings: [] })
    expect(state().unsealedSeconds).toBeGreaterThanOrEqual(180)
    expect(await prove(19)).toMatchObject({ state: 'pending', treeSize: 0 })
  })

  it('is broken when two texts claim one place', async () => {
    const { add, prove } = follow()
    const forged = texts[7]?.replace('/orders/', '/others/') ?? ''
    const state = await add(...texts, forged)
    expect(state).toMatchObject({
      state: 'broken',
      findings: [{ verdict: 'FORGED_DUP', index: 7 }],
    })
    expect((await prove(7)).state).toBe('broken')
    expect((await prove(8)).state).toBe('proven')
  })

  it('is broken when its key is certified by nobody who is trusted', async () => {
    const stranger = createRecorder()
    const { add, prove } = follow([stranger.root])
    stranger.close()
    const state = await add(...texts)
    expect(state).toMatchObject({ state: 'broken', signedSize: 0 })
    expect(state.findings[0]?.verdict).toBe('UNKNOWN_KEY')
    expect((await prove(3)).state).toBe('broken')
  })

  it('is not followed again after a restart, but for what came later', async () => {
    const first = follow()
    const before = await first.add(...texts)
    await first.states.close()
    const second = follow(undefined, first.store)
    expect(second.state()).toEqual(before)
    await second.states.settled()
    expect((await second.prove(3)).state).toBe('proven')
    const extra = (texts[3] ?? '').replace('"index":3', `"index":${texts.length}`)
    const state = await second.add(extra)
    expect(state).toMatchObject({ state: 'broken', findings: [{ verdict: 'INSERTED' }] })
  })
})

describe('a log whose process died', () => {
  const CUT = 20

  async function recoverWith(prevRoot: Uint8Array, prevSize = CUT): Promise<readonly string[]> {
    const members = {
      prevLog: origin,
      prevSize,
      prevRoot: formatBase64(prevRoot),
      lastSignedSize: 0,
    }
    const time = String(BigInt(Date.now()) * 1_000_000n)
    return recorder.record([{ type: 'tokentrail.log.recovered', time, members }], 'slot-1')
  }

  it('is sealed by its successor, and its last records are proven through it', async () => {
    const { add, state, prove } = follow()
    await add(...texts.slice(0, CUT))
    expect((await prove(CUT - 1)).state).toBe('pending')
    const root = buildRoot(texts.slice(0, CUT).map((text) => hashLeaf(text)))
    await add(...(await recoverWith(root)))
    expect(state()).toMatchObject({ state: 'sealed', findings: [], unsealedSeconds: 0 })
    const proof = await prove(CUT - 1)
    expect(proof).toMatchObject({ state: 'proven', treeSize: CUT })
    expect(proof.explanation.join(' ')).toContain('died before it signed')
  })

  it('is broken when its records are not those that the successor found', async () => {
    const { add, state } = follow()
    await add(...texts.slice(0, CUT))
    await add(...(await recoverWith(hashLeaf('another history'))))
    expect(state()).toMatchObject({ state: 'broken', findings: [{ verdict: 'ALTERED' }] })
  })

  it('is sealed with what is lost of it, once its successor has signed which', async () => {
    const { add, state, prove, later, store, states } = follow()
    const holes = [12, 13]
    await add(...texts.slice(0, 12), ...texts.slice(14, CUT))
    expect(state()).toMatchObject({ size: 12, lost: 0 })
    const hashes = texts
      .slice(0, CUT)
      .map((text, index) => (holes.includes(index) ? LOST_LEAF : hashLeaf(text)))
    const members = encodeRecoveredMembers({
      prevLog: origin,
      prevSize: CUT,
      prevRoot: buildRoot(hashes),
      lastSignedSize: 0,
      tail: { from: 0, leaves: Buffer.concat(hashes), routes: [[CUT, []]] },
    }) as RecordDraft['members'] & object
    const time = String(BigInt(Date.now()) * 1_000_000n)
    const draft = { type: 'tokentrail.log.recovered', time, members }
    const successor = await recorder.record([draft], 'slot-1')
    await add(...successor.slice(0, 2))
    later(2n * MINUTE)
    expect(state()).toMatchObject({ state: 'broken', lost: 0 })
    await add(...successor.slice(2))
    const whole = { state: 'sealed', size: CUT, lost: 2, records: CUT - 2, findings: [] }
    expect(state()).toMatchObject(whole)
    expect(await prove(CUT - 1)).toMatchObject({ state: 'proven', treeSize: CUT })
    await states.close()
    expect(follow(undefined, store).state()).toMatchObject(whole)
  })

  it('is not sealed by a successor that found no record of it', async () => {
    const { add, state } = follow()
    await add(...texts.slice(0, CUT))
    const before = state()
    await add(...(await recoverWith(emptyRoot(), 0)))
    expect(state()).toMatchObject({ state: before.state, findings: [] })
    expect(before.state).not.toBe('sealed')
  })
})

describe('many logs', () => {
  const originOf = (texts: readonly string[] = []) =>
    (JSON.parse(texts[0] ?? '{}') as { readonly log: string }).log
  /** Takes records in without asking for the state of any log. */
  const put = async ({ store, states }: Followed, texts: readonly string[]): Promise<void> => {
    store.append(texts.map((text) => ({ text })))
    await states.settled()
  }
  let logs: readonly (readonly string[])[] = []
  beforeAll(async () => {
    logs = await Promise.all(
      Array.from({ length: 5 }, (_, i) => recorder.record(buildRequests(2), `slot-m${i}`)),
    )
  })

  it('that ended well are not all held; they are counted, and what comes later still shows', async () => {
    const followed = follow(undefined, undefined, 2)
    const { store, states, add } = followed
    for (const log of [texts, ...logs]) await put(followed, log)
    const listed = states.all()
    expect(listed.omitted).toBe(4)
    expect(listed.logs.map((log) => log.origin)).toEqual([4, 3].map((i) => originOf(logs[i])))
    expect(new Set(listed.logs.map(({ state }) => state))).toEqual(new Set(['sealed']))
    const old = store.tables.logs.find(origin)!
    expect(states.of(old)).toMatchObject({ state: 'sealed', findings: [], size: texts.length })
    expect(states.all().logs).toHaveLength(2)
    await add((texts[3] ?? '').replace('"index":3', `"index":${texts.length}`))
    expect(states.all().logs).toContainEqual(
      expect.objectContaining({ origin, state: 'broken' }) as unknown,
    )
  })

  it('are listed whatever their number while something speaks against them', async () => {
    const followed = follow(undefined, undefined, 1)
    const { states } = followed
    await put(followed, texts)
    for (const [i, log] of logs.entries()) {
      const altered = log.map((text) => text.replace('"allow"', '"deny "'))
      await put(followed, i < 3 ? altered : log)
    }
    const { logs: listed, omitted } = states.all()
    expect(omitted).toBe(2)
    expect(listed.map(({ state }) => state)).toEqual(['sealed', 'broken', 'broken', 'broken'])
  })

  it('are known again after a restart, those that a successor ended too', async () => {
    const store = openStore(':memory:')
    const first = follow(undefined, store, 1)
    const dead = texts.slice(0, 20)
    await put(first, dead)
    const root = formatBase64(buildRoot(dead.map((text) => hashLeaf(text))))
    const members = { prevLog: origin, prevSize: 20, prevRoot: root, lastSignedSize: 0 }
    const time = String(BigInt(Date.now()) * 1_000_000n)
    const next = await recorder.record(
      [{ type: 'tokentrail.log.recovered', time, members }],
      'slot-n',
    )
    for (const log of [next, ...logs]) await put(first, log)
    expect(first.states.all()).toMatchObject({ omitted: 6, logs: [{ state: 'sealed' }] })
    expect(first.state()).toMatchObject({ state: 'sealed', size: 20 })
    await first.states.close()
    const second = follow(undefined, store, 1)
    await second.states.settled()
    expect(second.states.all()).toMatchObject({ omitted: 6, logs: [{ state: 'sealed' }] })
    expect(second.state()).toMatchObject({ state: 'sealed', size: 20 })
    expect(await second.prove(19)).toMatchObject({ state: 'proven', treeSize: 20 })
  })

  it('that a later successor contradicts are broken, though they had ended well', async () => {
    const followed = follow(undefined, undefined, 1)
    const { states, add, state } = followed
    for (const log of [texts, ...logs]) await put(followed, log)
    const root = formatBase64(hashLeaf('another history'))
    const members = { prevLog: origin, prevSize: 20, prevRoot: root, lastSignedSize: 0 }
    const time = String(BigInt(Date.now()) * 1_000_000n)
    await add(
      ...(await recorder.record([{ type: 'tokentrail.log.recovered', time, members }], 'slot-o')),
    )
    expect(state()).toMatchObject({ state: 'broken', findings: [{ verdict: 'ALTERED' }] })
    expect(states.all().logs).toContainEqual(
      expect.objectContaining({ origin, state: 'broken' }) as unknown,
    )
  })
})
