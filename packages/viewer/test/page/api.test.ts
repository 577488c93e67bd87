import { describe, expect, it } from 'vitest'

import { ApiError, createApi } from '../../page/src/api.ts'

function createFetch(answer: Response | Error) {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = (input) => {
    asked.push(input as string)
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  return { fetch, asked }
}

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => 'fulfilled',
    (error: unknown) => (error instanceof ApiError ? [error.kind, error.message] : error),
  )

describe('createApi', () => {
  it('puts any id whole into the path', async () => {
    const { fetch, asked } = createFetch(Response.json({}))
    await createApi(fetch).record('orders-api/slot%2F1/uuid.17')
    expect(asked).toEqual(['/api/records/orders-api%2Fslot%252F1%2Fuuid.17'])
  })

  it('passes filters on as they are', async () => {
    const { fetch, asked } = createFetch(Response.json({ sessions: [], next: null }))
    await createApi(fetch).sessions(new URLSearchParams('client=a b&exclude-scope=x'))
    expect(asked).toEqual(['/api/sessions?client=a+b&exclude-scope=x'])
  })

  it('gives the reader the words of the viewer when it refuses', async () => {
    const body = { error: { code: 'ERR_VIEWER_QUERY', message: '"status" must be a number' } }
    const { fetch } = createFetch(Response.json(body, { status: 400 }))
    expect(await kindOf(createApi(fetch).status())).toEqual(['refused', body.error.message])
  })

  it('tells what is missing from what is refused', async () => {
    const { fetch } = createFetch(new Response('no', { status: 404 }))
    expect(await kindOf(createApi(fetch).session('x'))).toEqual([
      'missing',
      'The viewer answered with status 404.',
    ])
  })

  it('knows an answer that is no JSON', async () => {
    const { fetch } = createFetch(new Response('<html>'))
    expect(await kindOf(createApi(fetch).logs())).toEqual([
      'unreadable',
      'The viewer sent an answer that is no JSON.',
    ])
  })

  it('knows a viewer that is gone', async () => {
    const { fetch } = createFetch(new TypeError('Failed to fetch'))
    expect(await kindOf(createApi(fetch).status())).toEqual([
      'unreachable',
      'The viewer does not answer.',
    ])
  })

  it('does not take an abort for a failure of the viewer', async () => {
    const abort = new AbortController()
    abort.abort()
    const { fetch } = createFetch(new DOMException('aborted', 'AbortError'))
    expect(await kindOf(createApi(fetch).status(abort.signal))).toBeInstanceOf(DOMException)
  })
})
