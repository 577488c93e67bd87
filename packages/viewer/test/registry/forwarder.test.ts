import { describe, expect, it } from 'vitest'
import { Forwarder } from '../../src/registry/forwarder.ts'
import { readOtlpLogs } from '../../src/receiver/otlp.ts'
import { makeInstance, openTestRegistry, ORDERS } from './support.ts'

describe('sending the registry’s log to the collector', () => {
  function start() {
    const test = openTestRegistry()
    for (let i = 0; i < 600; i++) test.registry.register(makeInstance().request, ORDERS)
    const bodies: string[] = []
    const faults: string[] = []
    const answer = { status: 200 }
    const fetcher: typeof fetch = (url, { body } = {}) => {
      expect(url).toBe('http://collector/v1/logs')
      if (answer.status === 200 && typeof body === 'string') bodies.push(body)
      return Promise.resolve(new Response('{}', { status: answer.status }))
    }
    const create = (): Forwarder =>
      new Forwarder({
        log: test.log,
        endpoint: 'http://collector',
        fetch: fetcher,
        onFault: (message) => faults.push(message),
      })
    const sent = (): readonly string[] =>
      bodies.flatMap((body) => readOtlpLogs(JSON.parse(body)).records.map(({ text }) => text))
    return { ...test, create, sent, faults, answer }
  }

  it('goes in order, once, and on where it was after a restart', async () => {
    const { create, sent, texts, registry, faults } = start()
    await create().run()
    expect(sent()).toEqual(texts())
    registry.register(makeInstance().request, ORDERS)
    await create().run()
    expect(sent()).toEqual(texts())
    expect(faults).toEqual([])
  })

  it('waits where the collector refuses, says so once, and loses nothing', async () => {
    const { create, sent, texts, faults, answer } = start()
    const forwarder = create()
    answer.status = 503
    await forwarder.run()
    await forwarder.run()
    expect(sent()).toEqual([])
    expect(faults).toHaveLength(1)
    answer.status = 200
    await forwarder.run()
    expect(sent()).toEqual(texts())
    expect(faults.at(-1)).toContain('again')
  })
})
