import { join } from 'node:path'
import {
  createProofBuilder,
  formatBase64,
  hashLeaf,
  openNote,
  parseCheckpoint,
  verifyCertificate,
  verifyConsistency,
  verifyLogs,
} from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { isAllowed } from '../../src/registry/instance-rules.ts'
import {
  makeInstance,
  makeKeys,
  openTestRegistry,
  ORDERS,
  ORIGIN,
  START_MILLIS,
  temporaryFolder,
  type TestRegistry,
} from './support.ts'

const verify = ({ texts, keys }: TestRegistry) =>
  verifyLogs(
    texts().map((body) => ({ body })),
    { roots: [keys.root.publicJwk] },
  )

describe('registering a log', () => {
  it('certifies it for its own key and origin, and keeps that before it answers', async () => {
    const test = openTestRegistry()
    const instance = makeInstance()
    const result = test.registry.register(instance.request, ORDERS)
    expect(result.status).toBe('issued')
    const { certificate } = result as { certificate: string }
    const verified = await verifyCertificate(
      certificate,
      [test.keys.root.publicJwk],
      instance.origin,
    )
    expect(verified).toMatchObject({ kind: 'log', issuer: ORIGIN, selfIssued: false })
    const [last = ''] = test.texts().slice(-1)
    expect(JSON.parse(last)).toMatchObject({
      type: 'tokentrail.registry.log',
      origin: instance.origin,
      certificate,
    })
  })

  it('gives the same certificate again when the answer was lost, and none to another key', () => {
    const test = openTestRegistry()
    const instance = makeInstance()
    const first = test.registry.register(instance.request, ORDERS)
    const size = test.log.size
    expect(test.registry.register(instance.request, ORDERS)).toEqual(first)
    const { publicKey, signature } = makeInstance().request
    const other = { origin: instance.origin, publicKey, signature }
    expect(test.registry.register(other, ORDERS)).toMatchObject({ code: 'NO_POSSESSION' })
    expect(test.log.size).toBe(size)
  })

  it('refuses a used origin to another key that signs for it', () => {
    const test = openTestRegistry()
    const instance = makeInstance()
    test.registry.register(instance.request, ORDERS)
    test.store.database.prepare('UPDATE logs SET key = ?').run('A'.repeat(43))
    expect(test.registry.register(instance.request, ORDERS)).toMatchObject({ code: 'ORIGIN_USED' })
  })

  it.each([
    ['a foreign slot', makeInstance('orders', 'billing-1').request, 'FOREIGN_SLOT'],
    ['a foreign service', makeInstance('billing', 'orders-1').request, 'FOREIGN_SLOT'],
    ['a clock of another day', makeInstance('orders', 'orders-1', 1e12).request, 'MALFORMED'],
    ['an origin of two parts', { ...makeInstance().request, origin: 'orders/1' }, 'MALFORMED'],
    [
      'an origin that is not encoded',
      { ...makeInstance().request, origin: `or ders/orders-1/${makeInstance().origin.slice(16)}` },
      'MALFORMED',
    ],
    ['no key', { ...makeInstance().request, publicKey: 'x' }, 'MALFORMED'],
    [
      'a signature of another key',
      { ...makeInstance().request, signature: makeInstance().request.signature },
      'NO_POSSESSION',
    ],
  ])('refuses %s', (_, request, code) => {
    const test = openTestRegistry()
    const size = test.log.size
    expect(test.registry.register(request, ORDERS)).toMatchObject({ status: 'refused', code })
    expect(test.log.size).toBe(size)
  })

  it('binds a slot to the pod that the credential names', () => {
    const { registry } = openTestRegistry()
    const { request } = makeInstance('any', 'pod-7')
    expect(registry.register(request, { subject: 'podded', pod: 'pod-8' })).toMatchObject({
      code: 'FOREIGN_SLOT',
    })
    expect(registry.register(request, { subject: 'podded' })).toMatchObject({ status: 'refused' })
    expect(registry.register(request, { subject: 'podded', pod: 'pod-7' })).toMatchObject({
      status: 'issued',
    })
  })

  it('leaves nothing behind when the disk refuses', () => {
    const test = openTestRegistry()
    const size = test.log.size
    test.store.database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON logs BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    expect(() => test.registry.register(makeInstance().request, ORDERS)).toThrow(/full/)
    expect(test.log.size).toBe(size)
    test.store.database.exec('DROP TRIGGER full')
    expect(test.registry.register(makeInstance().request, ORDERS).status).toBe('issued')
    expect(test.texts()).toHaveLength(size + 1)
  })
})

describe('heads of a log', () => {
  const start = () => {
    const test = openTestRegistry()
    const instance = makeInstance()
    test.registry.register(instance.request, ORDERS)
    const builder = createProofBuilder(instance.leaves(30))
    return { ...test, instance, proof: (a: number, b: number) => builder.consistency(a, b) }
  }

  it('are taken when they follow, and passed over when they are known', () => {
    const { registry, instance, proof, log } = start()
    expect(registry.addHead(instance.head(10), {})).toBe('added')
    expect(registry.addHead(instance.head(25), { proof: proof(10, 25) })).toBe('added')
    const size = log.size
    expect(registry.addHead(instance.head(25), {})).toBe('known')
    expect(registry.addHead(instance.head(7), { proof: proof(7, 25) })).toBe('known')
    expect(log.size).toBe(size)
    expect(registry.headOf(instance.origin)).toMatchObject({ size: 25 })
  })

  it('are taken on the word of who holds the whole log', () => {
    const { registry, instance } = start()
    registry.addHead(instance.head(10), {})
    const rootAt = (size: number) => instance.rootOf(size)
    expect(registry.addHead(instance.head(20), { rootAt })).toBe('added')
  })

  it('that nothing bears out, or nobody has signed, are not taken', () => {
    const { registry, instance, proof } = start()
    registry.addHead(instance.head(10), {})
    expect(registry.addHead(instance.head(20, 'b'), {})).toBe('unproven')
    expect(registry.addHead(instance.head(20), { proof: proof(9, 20) })).toBe('unproven')
    const text = instance.head(20)
    expect(registry.addHead(text.replace('\n20\n', '\n21\n'), {})).toBe('unsigned')
    expect(registry.addHead(text.split('\n').slice(0, 5).join('\n') + '\n', {})).toBe('unsigned')
    expect(registry.addHead('nonsense', {})).toBe('unsigned')
    expect(registry.addHead(makeInstance().head(5), {})).toBe('unknown-log')
  })

  it("are kept with the log's own two lines, and need both", () => {
    const { registry, instance, texts } = start()
    const [text = '', lines = ''] = instance.head(10).split('\n\n')
    const [plain = '', cosigned = ''] = lines.split('\n')
    const note = (...own: string[]) => `${text}\n\n${own.join('\n')}\n`
    expect(registry.addHead(note(cosigned, cosigned), {})).toBe('unsigned')
    expect(registry.addHead(note(plain, plain), {})).toBe('unsigned')
    const stranger = `— somebody.example.com ${Buffer.alloc(76).toString('base64')}`
    const adorned = note(...Array<string>(90).fill(stranger), cosigned, plain, cosigned)
    expect(registry.addHead(adorned, {})).toBe('added')
    expect(JSON.parse(texts().at(-1) ?? '')).toMatchObject({ note: instance.head(10) })
  })

  it('that contradict are kept as evidence, raised once, and a fork to every verifier', async () => {
    const test = start()
    const { registry, instance, forks, log } = test
    registry.addHead(instance.head(10), {})
    expect(registry.addHead(instance.head(10, 'b'), {})).toBe('fork')
    const rootAt = (size: number) => instance.rootOf(size, 'c')
    expect(registry.addHead(instance.head(20, 'c'), { rootAt })).toBe('fork')
    expect(forks).toHaveLength(2)
    const size = log.size
    expect(registry.addHead(instance.head(10, 'b'), {})).toBe('fork')
    expect(log.size).toBe(size)
    expect(registry.headOf(instance.origin)).toMatchObject({ size: 10 })
    const evidence = test.texts().filter((text) => text.includes('"conflict"'))
    expect(evidence).toHaveLength(2)
    expect(evidence[0]).toContain(JSON.stringify(instance.head(10, 'b')).slice(1, -1))
  })
})

describe('alarms of a registry', () => {
  it('are there after a restart, the newest first', () => {
    const path = join(temporaryFolder(), 'registry.sqlite')
    const test = openTestRegistry(path)
    const [first, second] = [makeInstance(), makeInstance()]
    for (const instance of [first, second]) {
      test.registry.register(instance.request, ORDERS)
      test.registry.addHead(instance.head(10), {})
      test.clock.millis += 1_000
      expect(test.registry.addHead(instance.head(10, 'b'), {})).toBe('fork')
    }
    const alarms = test.registry.alarms.list()
    expect(alarms.map(({ subject }) => subject)).toEqual([second.origin, first.origin])
    expect(alarms[0]).toMatchObject({
      kind: 'log',
      message: `a signed head of size 10 of the log ${second.origin} contradicts the registry`,
      time: String(test.clock.now()),
    })
    test.store.close()
    const again = openTestRegistry(path, test.keys, test.clock)
    expect(again.registry.alarms.list()).toEqual(alarms)
    expect(again.registry.alarms.count()).toBe(2)
  })

  it('do not grow with what the holder of a key signs', () => {
    const test = openTestRegistry()
    const instance = makeInstance()
    test.registry.register(instance.request, ORDERS)
    test.registry.addHead(instance.head(10), {})
    for (let i = 0; i < 40; i++) {
      expect(test.registry.addHead(instance.head(10, `b${i}`), {})).toBe('fork')
    }
    expect(test.registry.alarms.count()).toBe(16)
    expect(test.texts().filter((text) => text.includes('"conflict"'))).toHaveLength(16)
    const other = makeInstance()
    test.registry.register(other.request, ORDERS)
    test.registry.addHead(other.head(10), {})
    expect(test.registry.addHead(other.head(10, 'b'), {})).toBe('fork')
    expect(test.registry.alarms.count()).toBe(17)
  })

  it('of an earlier version are listed without their time', () => {
    const test = openTestRegistry()
    const { origin, head } = makeInstance()
    test.store.database.prepare('INSERT INTO meta VALUES (?, 1)').run(`fork ${head(7)}`)
    expect(test.registry.alarms.list()).toEqual([
      {
        kind: 'log',
        subject: origin,
        time: null,
        message: `a signed head of size 7 of the log ${origin} contradicts the registry`,
      },
    ])
  })
})

describe('the log of a registry', () => {
  it('verifies like every other, and names what is missing', async () => {
    const test = openTestRegistry()
    expect(await verify(test)).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    const { origin, request } = makeInstance()
    test.registry.register(request, ORDERS)
    test.log.checkpoint()
    const report = await verify(test)
    expect(report).toMatchObject({ verdict: 'MISSING_LOG', exitCode: 28 })
    expect(report.findings).toMatchObject([{ log: origin }])
  })

  it('goes on where it was after a restart, byte for byte under one tree', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'registry.sqlite')
    const keys = makeKeys(folder)
    let expected = 0
    for (let round = 0; round < 3; round++) {
      const test = openTestRegistry(path, keys)
      expect(test.log.size).toBe(expected === 0 ? 2 : expected)
      for (let i = 0; i < 150; i++) test.registry.register(makeInstance().request, ORDERS)
      if (round === 1) test.log.checkpoint()
      expected = test.log.size
      test.store.close()
    }
    const test = openTestRegistry(path, keys)
    test.log.checkpoint()
    const report = await verify(test)
    expect(report.findings.every(({ verdict }) => verdict === 'MISSING_LOG')).toBe(true)
    expect(report.findings).toHaveLength(450)
    expect(report.logs[0]).toMatchObject({ records: test.log.size, state: 'unsealed' })
    for (const text of test.texts()) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8_000)
  })

  it('proves every head from every earlier one, over nodes that were kept', () => {
    const test = openTestRegistry()
    const append = (count: number) =>
      test.log.transact((write) => {
        for (let i = 0; i < count; i++) write({ type: 'tokentrail.registry.log', origin: `${i}` })
      })
    const heads = [10, 250, 300, 700].map((count) => {
      append(count)
      const { note, size } = test.log.checkpoint()
      openNote(note, [test.log.signer.key])
      return { size, root: parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1)).root }
    })
    expect(test.store.database.prepare('SELECT count(*) AS n FROM nodes').get()).toEqual({ n: 4 })
    const builder = createProofBuilder(test.texts().map((text) => hashLeaf(text)))
    for (const [at, from] of heads.entries()) {
      for (const to of heads.slice(at)) {
        const proof = test.log.consistencyProof(from.size, to.size)
        expect(proof.map(formatBase64)).toEqual(
          builder.consistency(from.size, to.size).map(formatBase64),
        )
        verifyConsistency({
          size1: BigInt(from.size),
          size2: BigInt(to.size),
          root1: from.root,
          root2: to.root,
          proof,
        })
      }
    }
    expect(test.log.consistencyProof(0, 10)).toEqual([])
  })

  it('has one writer, and refuses the store of another registry', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'registry.sqlite')
    const keys = makeKeys(folder)
    const test = openTestRegistry(path, keys)
    expect(() => openTestRegistry(path, keys)).toThrow(
      expect.objectContaining({ code: 'ERR_VIEWER_STORE_BUSY' }) as Error,
    )
    test.store.close()
    const other = { ...keys, key: { ...keys.key, origin: 'other/registry' } }
    expect(() => openTestRegistry(path, other)).toThrow(/another registry/)
  })

  it('never signs a head that looks older than the one before', () => {
    const test = openTestRegistry()
    test.clock.millis += 60_000
    const { seconds } = test.log.checkpoint()
    test.clock.millis = START_MILLIS
    expect(test.log.checkpoint().seconds).toBe(seconds)
  })
})

it.each([
  ['orders-*', 'orders-12', true],
  ['orders-*', 'orders', false],
  ['*', 'anything', true],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['exact', 'exact', true],
  ['exact', 'exactly', false],
])('the pattern %s and the slot %s: %s', (pattern, slot, allowed) => {
  const rule = { subject: 's', services: ['x'], slots: [pattern] }
  expect(isAllowed([rule], { subject: 's' }, { service: 'x', slot })).toBe(allowed)
})
