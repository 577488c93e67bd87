import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/send/answer.ts'
import { Delivery } from '../../src/send/delivery.ts'
import { Receiver } from '../../src/send/receiver.ts'

const ACCEPTED: Answer = { status: 'delivered' }
const refused = (statusCode: number): Answer => ({
  status: 'refused',
  statusCode,
  transient: statusCode === 500,
})

function createTestDelivery(answer: (texts: readonly string[], attempt: number) => Answer) {
  const parked: string[] = []
  const sent: string[][] = []
  const pauses: number[] = []
  const blocked: (string | undefined)[] = []
  const receiver = new Receiver((reason) => blocked.push(reason))
  const delivery = new Delivery(
    {
      receiver,
      random: () => 1,
      pause: async (millis) => void pauses.push(millis),
      park: (frame) => void parked.push(frame.toString()),
      send: async (frames) => {
        const texts = [...frames].map((frame) => frame.toString())
        sent.push(texts)
        return answer(texts, sent.length)
      },
    },
    { minBackoffMillis: 10, maxBackoffMillis: 100 },
  )
  const deliver = (texts: readonly string[], round = 0, acceptedBefore = Infinity) =>
    delivery.deliver(
      texts.map((text) => Buffer.from(text)),
      round,
      acceptedBefore,
    )
  return { deliver, receiver, parked, sent, pauses, blocked }
}

/** A round in which every record is tried alone. */
const ALL_TRIED = 8

const numbered = (count: number) => Array.from({ length: count }, (_, number) => `r${number}`)

describe('delivering a batch', () => {
  it('takes one request when all is well', async () => {
    const { deliver, sent, receiver } = createTestDelivery(() => ACCEPTED)
    expect(await deliver(numbered(5))).toBe(true)
    expect(sent).toHaveLength(1)
    expect(receiver.accepted).toBe(5)
  })

  it('comes again until it is taken, and waits as long as it was asked to', async () => {
    const retry: Answer = { status: 'retry', reason: '503', afterMillis: 70 }
    const { deliver, pauses, blocked } = createTestDelivery((_, attempt) =>
      attempt <= 5 ? retry : ACCEPTED,
    )
    expect(await deliver(numbered(2))).toBe(true)
    expect(pauses).toEqual([70, 70, 70, 80, 100])
    expect(blocked).toEqual(['503', undefined])
  })

  it('probes a closed endpoint and loses nothing', async () => {
    const { deliver, parked, sent } = createTestDelivery((_, attempt) =>
      attempt < 20 ? { status: 'blocked', reason: '401' } : ACCEPTED,
    )
    expect(await deliver(numbered(3))).toBe(true)
    expect(parked).toEqual([])
    expect(sent.at(-1)).toEqual(numbered(3))
  })

  it('parks exactly the refused records, whichever they are, and brings the others in order', async () => {
    const batches = fc.record({
      count: fc.integer({ min: 2, max: 40 }),
      poison: fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
      statusCode: fc.constantFrom(400, 413, 500, 200),
    })
    await fc.assert(
      fc.asyncProperty(batches, async ({ count, poison, statusCode }) => {
        const bad = poison.filter((number) => number < count).map((number) => `r${number}`)
        fc.pre(bad.length < count)
        const accepted: string[] = []
        const { deliver, parked } = createTestDelivery((texts) => {
          if (texts.some((text) => bad.includes(text))) return refused(statusCode)
          accepted.push(...texts)
          return ACCEPTED
        })
        expect(await deliver(numbered(count), ALL_TRIED)).toBe(true)
        expect(parked.toSorted()).toEqual(bad.toSorted())
        expect(accepted).toEqual(numbered(count).filter((text) => !bad.includes(text)))
      }),
    )
  })

  it('parks nothing while the receiver refuses everything, and soon stops asking', async () => {
    const { deliver, parked, sent, blocked } = createTestDelivery(() => refused(400))
    expect(await deliver(numbered(500))).toBe(false)
    expect(parked).toEqual([])
    expect(sent.length).toBeLessThan(40)
    expect(blocked).toEqual(['400'])
  })

  it('gets behind any number of refused records in front, with patience', async () => {
    const bad = numbered(20)
    const { deliver, parked } = createTestDelivery((texts) =>
      texts.some((text) => bad.includes(text)) ? refused(400) : ACCEPTED,
    )
    expect(await deliver(numbered(40), 0)).toBe(false)
    expect(await deliver(numbered(40), 1)).toBe(false)
    expect(await deliver(numbered(40), 2)).toBe(true)
    expect(parked).toEqual(bad)
  })

  it('asks twice a round later on, until something is accepted', async () => {
    let isOpen = false
    const { deliver, sent, parked } = createTestDelivery((texts) =>
      isOpen && !texts.includes('r7') ? ACCEPTED : refused(400),
    )
    for (const round of [5, 6, 7]) expect(await deliver(numbered(40), round, 0)).toBe(false)
    expect(sent.map((texts) => texts.length)).toEqual([40, 1, 40, 1, 40, 1])
    isOpen = true
    expect(await deliver(numbered(40), 9, 0)).toBe(true)
    expect(parked).toEqual(['r7'])
  })

  it('parks a last lonely record once the receiver has accepted others meanwhile', async () => {
    const { deliver, parked, receiver } = createTestDelivery(() => refused(400))
    expect(await deliver(['lonely'])).toBe(false)
    const before = receiver.accepted
    expect(await deliver(['lonely'], 1, before)).toBe(false)
    receiver.accept(1)
    expect(await deliver(['lonely'], 2, before)).toBe(true)
    expect(parked).toEqual(['lonely'])
  })

  it('does not take a batch apart for a 500 that passes', async () => {
    const { deliver, sent } = createTestDelivery((_, attempt) =>
      attempt < 3 ? refused(500) : ACCEPTED,
    )
    expect(await deliver(numbered(8))).toBe(true)
    expect(sent.map((texts) => texts.length)).toEqual([8, 8, 8])
  })
})

describe('a receiver that takes only so much at once', () => {
  const MOST = 5
  const limited = (texts: readonly string[]): Answer =>
    texts.length > MOST ? refused(413) : ACCEPTED

  it('is sent everything, in order, and is not asked for more every time', async () => {
    const { deliver, sent } = createTestDelivery(limited)
    const order: string[] = []
    for (let round = 0; round < 3; round++) {
      sent.length = 0
      expect(await deliver(numbered(40))).toBe(true)
      const taken = sent.filter((texts) => texts.length <= MOST).flat()
      expect(taken).toEqual(numbered(40))
      order.push(String(sent.length - 40 / MOST))
    }
    const [first, second, third] = order.map(Number)
    expect(first).toBeGreaterThan(0)
    expect([second, third]).toEqual([0, 0])
  })

  it('is not sent less at once for one record that is too large by itself', async () => {
    const { deliver, sent, parked } = createTestDelivery((texts) =>
      texts.includes('r3') ? refused(413) : ACCEPTED,
    )
    expect(await deliver(numbered(40))).toBe(true)
    expect(parked).toEqual(['r3'])
    sent.length = 0
    await deliver(['a', ...numbered(40).slice(10)])
    expect(sent).toHaveLength(1)
  })

  it('is offered more again after a while', async () => {
    const { deliver, sent } = createTestDelivery(limited)
    await deliver(numbered(40))
    for (let round = 0; round < 12; round++) await deliver(numbered(40))
    sent.length = 0
    for (let round = 0; round < 25; round++) await deliver(numbered(40))
    const refusals = sent.filter((texts) => texts.length > MOST).length
    expect(refusals).toBeGreaterThan(0)
    expect(refusals).toBeLessThan(10)
  })
})
