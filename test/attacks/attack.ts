import { LOST_LEAF, canonicalize, formatBase64, hashLeaf } from '@tokentrail/ledger'
import {
  type TestLog,
  buildCarrying,
  buildRecovered,
  buildTestLog,
} from '../../packages/ledger/test/log-builder.ts'
import type { Targets } from './log.ts'

/** What an export that was attacked must be judged as. */
export interface Expectation {
  /** Verdicts that may be the gravest. */
  readonly verdicts: readonly string[]
  /** Indexes that findings must name, and no others but those of an open end. */
  readonly indexes?: readonly number[]
  /** Other indexes may be named beside them. */
  readonly loose?: boolean
}

/** One attack on an export. */
export interface Attack extends Expectation {
  readonly name: string
  /** The texts that the backend holds afterwards. */
  readonly texts: readonly string[]
}

type Members = Record<string, unknown>

function edit(text: string, change: (record: Members) => void): string {
  const record = JSON.parse(text) as Members
  change(record)
  return canonicalize(record)
}

function* upTo(end: number, stride: number, from = 0): Generator<number> {
  // An odd stride that is no divisor of the window visits every place in it sooner or later.
  for (let index = from; index < end; index += stride) yield index
}

/**
 * Every attack on a log that is made at one index after the other.
 *
 * @param stride - 1 for each index; more for a sample of them.
 */
export function* listIndexedAttacks({ log }: Targets, stride: number): Generator<Attack> {
  const { texts, checkpoints } = log
  const last = texts.length - 1
  const isCheckpoint = new Set(checkpoints)
  const lossOf = (...indexes: number[]): Pick<Attack, 'verdicts' | 'indexes'> => {
    const named = indexes.filter((index) => index !== last)
    if (named.length === 0) return { verdicts: ['UNSEALED_END'], indexes: [] }
    const isHole = named.every((index) => isCheckpoint.has(index))
    return { verdicts: [isHole ? 'MISSING_CHECKPOINT' : 'MISSING'], indexes: named }
  }
  for (const index of upTo(texts.length, stride)) {
    const text = texts[index]!
    const verdicts = ['ALTERED']
    const time = edit(
      text,
      (record) => (record['time'] = `${String(record['time']).slice(0, -1)}7`),
    )
    yield {
      name: 'alter a field',
      texts: texts.with(index, time),
      verdicts,
      indexes: [index],
    }
    const member = edit(text, (record) => (record['zz'] = 1))
    yield {
      name: 'add a field',
      texts: texts.with(index, member),
      verdicts,
      indexes: [index],
    }
    const at = (index * 7919) % text.length
    const byte = `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`
    yield {
      name: 'alter a byte',
      texts: texts.with(index, byte),
      // What no longer looks like a record of this log is missing from it.
      verdicts: [
        'UNKNOWN_KEY',
        'EXPIRED_KEY',
        'ALTERED',
        'FORGED_DUP',
        'INSERTED',
        'MISSING',
        'MISSING_CHECKPOINT',
        'MISSING_LOG',
        'UNSEALED_END',
      ],
      loose: true,
    }
    yield { name: 'delete', texts: texts.toSpliced(index, 1), ...lossOf(index) }
    if (index < last) {
      yield { name: 'delete two', texts: texts.toSpliced(index, 2), ...lossOf(index, index + 1) }
    }
    if (index > 0 && index + 10 < last) {
      const run = Array.from({ length: 10 }, (_, i) => index + i)
      yield { name: 'delete ten', texts: texts.toSpliced(index, 10), ...lossOf(...run) }
    }
    const twin = edit(texts[1]!, (record) => Object.assign(record, { index, session: 'forged' }))
    yield {
      name: 'insert at a used index',
      texts: [...texts, twin],
      verdicts: ['FORGED_DUP'],
      indexes: [index],
    }
    if (index > 0 && index + 1 < last) {
      const one = edit(texts[index + 1]!, (record) => (record['index'] = index))
      const two = edit(text, (record) => (record['index'] = index + 1))
      yield {
        name: 'swap two and renumber',
        texts: texts.with(index, one).with(index + 1, two),
        verdicts: ['ALTERED'],
        indexes: [index, index + 1],
        loose: true,
      }
    }
    if (index > 0) {
      yield {
        name: 'cut the tail',
        texts: texts.slice(0, index),
        verdicts: ['UNSEALED_END'],
        indexes: [],
      }
    }
  }
}

/** Attacks on a log as a whole, and on its checkpoints. */
export async function listWholeAttacks(targets: Targets): Promise<Attack[]> {
  const { log, fork, rewrite, stranger } = targets
  const { texts, checkpoints } = log
  const last = texts.length - 1
  const middle = checkpoints[Math.floor(checkpoints.length / 2)]!
  const isCheckpoint = (index: number): boolean => checkpoints.includes(index)
  const next = checkpoints[checkpoints.indexOf(middle) + 1]!
  const forged = edit(texts[1]!, (record) => Object.assign(record, { index: last + 1 }))
  const closing = (change: (record: Members) => void): string[] =>
    texts.with(last, edit(texts[last]!, change))
  const successor = await buildTestLog({
    log: 'orders/0/next',
    keyByte: 8,
    extras: [buildRecovered(log, log.lastSignedSize)],
    count: 20,
  })
  const withErasure = await buildTestLog({
    count: 20,
    extras: [{ type: 'tokentrail.subject.erased', attributes: { 'tokentrail.erasure.id': 'x' } }],
  })
  const certificate = (JSON.parse(stranger.texts[0]!) as { certificate: string }).certificate
  const half = Math.floor(texts.length / 2)
  const lost = await listLostLeafAttacks(targets)
  return [
    ...lost,
    {
      name: 'insert after the close',
      texts: [...texts, forged],
      verdicts: ['INSERTED'],
      indexes: [last + 1],
    },
    ...checkpoints.slice(0, -1).map((index) => ({
      name: 'drop a checkpoint',
      texts: texts.toSpliced(index, 1),
      verdicts: ['MISSING_CHECKPOINT'],
      indexes: [index],
    })),
    {
      name: 'drop two adjacent checkpoints',
      texts: texts.filter((_, index) => index !== middle && index !== next),
      // Nothing is left that carries the leaf of the first of them.
      verdicts: ['MISSING'],
      indexes: [middle, next],
    },
    {
      name: 'drop all checkpoints',
      texts: texts.filter((_, index) => !isCheckpoint(index)),
      verdicts: ['MISSING'],
      loose: true,
    },
    {
      name: 'drop all but checkpoints',
      texts: texts.filter((text) => !text.includes('"oauth.request"')),
      verdicts: ['MISSING'],
      loose: true,
    },
    {
      name: 'replace the certificate',
      texts: texts.with(
        0,
        edit(texts[0]!, (record) => (record['certificate'] = certificate)),
      ),
      verdicts: ['UNKNOWN_KEY'],
      loose: true,
    },
    {
      name: 'replace the opening record by another log’s',
      texts: texts.with(
        0,
        edit(stranger.texts[0]!, (record) => (record['log'] = log.log)),
      ),
      verdicts: ['UNKNOWN_KEY'],
      loose: true,
    },
    ...checkpoints.slice(0, -1).flatMap((index) => [
      {
        name: 'cut at a checkpoint and call it the close',
        texts: [
          ...texts.slice(0, index),
          edit(texts[index]!, (record) => (record['type'] = 'tokentrail.log.close')),
        ],
        verdicts: ['ALTERED'],
        loose: true,
      },
      {
        name: 'cut at a checkpoint and make it the closing one',
        texts: [...texts.slice(0, index), toClosing(texts[index]!)],
        verdicts: ['UNSEALED_END', 'ALTERED'],
        loose: true,
      },
    ]),
    {
      name: 'change the closing checkpoint',
      texts: closing((record) => (record['x'] = 1)),
      verdicts: ['ALTERED'],
      indexes: [last],
    },
    {
      name: 'change the closing checkpoint',
      texts: closing((record) => (record['leaves'] = formatBase64(new Uint8Array(64)))),
      verdicts: ['ALTERED'],
      indexes: [last],
    },
    {
      name: 'go on with another history',
      texts: [...texts.slice(0, half), ...fork.texts.slice(half)],
      verdicts: ['FORK', 'ALTERED'],
      loose: true,
    },
    {
      name: 'mix two histories',
      texts: [...texts, ...fork.texts],
      verdicts: ['FORK'],
      loose: true,
    },
    {
      name: 'mix in a rewritten history',
      texts: [...texts, ...rewrite.texts],
      verdicts: ['FORK'],
      loose: true,
    },
    {
      name: 'mix records of two logs',
      texts: [...texts.slice(0, half), ...stranger.texts.slice(half)],
      verdicts: ['UNKNOWN_KEY', 'MISSING', 'UNSEALED_END', 'MISSING_CHECKPOINT'],
      loose: true,
    },
    {
      name: 'forge an erasure with an instance key',
      texts: withErasure.texts,
      verdicts: ['UNKNOWN_KEY'],
      loose: true,
    },
    {
      name: 'rewrite everything, with a successor that pins it',
      texts: [...rewrite.texts, ...successor.texts],
      verdicts: ['FORK'],
      loose: true,
    },
    {
      name: 'change a leaf hash and its record',
      texts: coverUp(texts, middle),
      verdicts: ['ALTERED'],
      loose: true,
    },
  ]
}

/** Attacks that call lost what was deleted: a successor may say that of what nobody has signed. */
async function listLostLeafAttacks({ log }: Targets): Promise<Attack[]> {
  const { texts, lastSignedSize } = log
  const dead = await buildTestLog({ log: 'orders/0/dead', count: 20, end: 'tail' })
  const hole = dead.lastSignedSize + 1
  const succeed = (target: TestLog, from: number, lost: readonly number[]): Promise<TestLog> => {
    const extras = [buildCarrying(target, from, target.size, lost)]
    return buildTestLog({ log: 'orders/0/next', keyByte: 8, extras, count: 20 })
  }
  const honest = await succeed(dead, dead.lastSignedSize, [hole])
  const whole = await succeed(dead, dead.lastSignedSize, [])
  const index = lastSignedSize - 3
  const liar = await succeed(log, lastSignedSize - 5, [index])
  const callLost = (text: string): string =>
    edit(text, (record) => {
      const leaves = Buffer.from(String(record['leaves']), 'base64')
      leaves.set(LOST_LEAF, 32 * (hole - Number(record['from'])))
      Object.assign(record, { leaves: leaves.toString('base64'), lost: [[hole, hole]] })
    })
  return [
    {
      name: 'delete a signed record and have a successor call it lost',
      texts: [...texts.toSpliced(index, 1), ...liar.texts],
      verdicts: ['MISSING'],
      indexes: [index],
    },
    {
      name: 'delete another record beside a lost one',
      texts: [...dead.texts.filter((_, at) => at !== hole && at !== hole + 1), ...honest.texts],
      verdicts: ['MISSING'],
      indexes: [hole + 1],
    },
    {
      name: 'put a record in the place of a lost one',
      texts: [...dead.texts, ...honest.texts],
      verdicts: ['INSERTED'],
      indexes: [hole],
    },
    {
      name: 'call lost without a key what a successor has carried',
      texts: [...dead.texts.toSpliced(hole, 1), ...whole.texts.with(1, callLost(whole.texts[1]!))],
      verdicts: ['ALTERED'],
      loose: true,
    },
  ]
}

/** Gives a checkpoint the form of a closing one, as far as that can be done without the key. */
function toClosing(text: string): string {
  return edit(text, (record) => {
    for (const name of ['routes', 'frontier', 'certificate']) delete record[name]
    const line = String(record['note']).trimEnd().split(' ').at(-1)!
    record['time'] = `${Buffer.from(line, 'base64').readBigUInt64BE(4)}000000000`
  })
}

function coverUp(texts: readonly string[], checkpoint: number): string[] {
  const index = checkpoint - 2
  const changed = edit(texts[index]!, (record) => (record['session'] = 'other'))
  const covering = edit(texts[checkpoint]!, (record) => {
    const leaves = Buffer.from(record['leaves'] as string, 'base64')
    leaves.set(hashLeaf(changed), (index - Number(record['from'])) * 32)
    record['leaves'] = leaves.toString('base64')
  })
  return texts.with(index, changed).with(checkpoint, covering)
}

/** What must raise no alarm: any order, any number of copies, and a rewrite that nothing pins. */
export function* listHarmless({ log, rewrite }: Targets, rounds: number): Generator<Attack> {
  const valid = { verdicts: ['VALID_SEALED'], indexes: [] }
  for (let seed = 1; seed <= rounds; seed++) {
    const copies = log.texts.flatMap((text, i) => ((i * seed) % 5 === 0 ? [text, text] : [text]))
    const keyed = copies.map((text, i) => ({ text, key: (i * 7919 * seed + seed) % 104_729 }))
    const texts = keyed.sort((a, b) => a.key - b.key).map(({ text }) => text)
    yield { name: 'shuffle and duplicate', texts, ...valid }
  }
  // Honestly not claimed: the report says that nothing outside pins the log.
  yield { name: 'rewrite everything, with nothing that pins it', texts: rewrite.texts, ...valid }
}
