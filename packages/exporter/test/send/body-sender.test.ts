import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../src/send/answer.ts'
import { BodySender } from '../../src/send/body-sender.ts'

const BODY = Buffer.from(JSON.stringify({ records: 'the same '.repeat(1000) }))

/** A receiver that answers `zstd` with a status. */
function start(compression: 'gzip' | 'zstd' | 'none', answer: () => Reply) {
  const encodings: (string | undefined)[] = []
  const bodies: string[] = []
  const fallbacks: number[] = []
  const transport = {
    send: (body: Uint8Array, encoding?: string): Promise<Reply> => {
      encodings.push(encoding)
      const decode = { gzip: gunzipSync, zstd: zstdDecompressSync }[encoding ?? '']
      bodies.push((decode ? decode(body) : Buffer.from(body)).toString())
      return Promise.resolve(encoding === 'zstd' ? answer() : { statusCode: 200, body: '' })
    },
    close: () => undefined,
  }
  const sender = new BodySender(transport, compression, (status) => fallbacks.push(status))
  return { sender, encodings, bodies, fallbacks }
}

const status = (statusCode: number) => (): Reply => ({ statusCode, body: '' })

describe('a sender of bodies', () => {
  it.each(['gzip', 'zstd', 'none'] as const)('sends what %s decodes to the body', async (name) => {
    const { sender, bodies, encodings } = start(name, status(200))
    expect(await sender.send({ bytes: BODY })).toMatchObject({ statusCode: 200 })
    expect(encodings).toEqual([name === 'none' ? undefined : name])
    expect(bodies).toEqual([BODY.toString()])
  })

  it.each([400, 415, 422, 500, 501])('goes on in gzip after a %i', async (code) => {
    const { sender, bodies, encodings, fallbacks } = start('zstd', status(code))
    expect(await sender.send({ bytes: BODY })).toMatchObject({ statusCode: 200 })
    await sender.send({ bytes: BODY })
    expect(encodings).toEqual(['zstd', 'gzip', 'gzip'])
    expect(bodies).toEqual([BODY.toString(), BODY.toString(), BODY.toString()])
    expect(fallbacks).toEqual([code])
  })

  it.each([401, 413, 429, 503])('does not take a %i for a word about zstd', async (code) => {
    const { sender, encodings, fallbacks } = start('zstd', status(code))
    expect(await sender.send({ bytes: BODY })).toMatchObject({ statusCode: code })
    expect(encodings).toEqual(['zstd'])
    expect(fallbacks).toEqual([])
  })

  it('takes a refusal for one of the records once the receiver has taken zstd', async () => {
    let code = 200
    const { sender, encodings } = start('zstd', () => ({ statusCode: code, body: '' }))
    await sender.send({ bytes: BODY })
    code = 400
    expect(await sender.send({ bytes: BODY })).toMatchObject({ statusCode: 400 })
    expect(encodings).toEqual(['zstd', 'zstd'])
  })

  it('stays with zstd when nobody answers', async () => {
    const { sender, encodings, fallbacks } = start('zstd', () => ({ failure: 'ECONNREFUSED' }))
    await sender.send({ bytes: BODY })
    await sender.send({ bytes: BODY })
    expect(encodings).toEqual(['zstd', 'zstd'])
    expect(fallbacks).toEqual([])
  })
})
