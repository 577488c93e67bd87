import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import {
  makeInstance,
  makeKeys,
  openTestRegistry,
  START_MILLIS,
  temporaryFolder,
} from './support.ts'

const FIXTURE = fileURLToPath(new URL('../fixtures/dying-registry.ts', import.meta.url))

it('a registry that is killed behind its answer has the leaf, and goes on with it', async () => {
  const folder = temporaryFolder()
  const keys = makeKeys(folder)
  const path = join(folder, 'registry.sqlite')
  const keyFile = join(folder, 'key.json')
  writeFileSync(keyFile, JSON.stringify(keys.key))
  const answered: { readonly origin: string; readonly certificate: string }[] = []
  for (let round = 0; round < 5; round++) {
    const issuerFile = join(folder, 'instance.jwk.json')
    const arguments_ = [FIXTURE, path, keyFile, issuerFile, String(START_MILLIS)]
    const child = spawn(process.execPath, ['--conditions=@tokentrail/source', ...arguments_], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { request, origin } = makeInstance('orders', `orders-${round}`)
    const died = once(child, 'exit')
    const response = await fetch(`http://127.0.0.1:${Number(line.toString())}/registry/v1/logs`, {
      method: 'POST',
      body: JSON.stringify(request),
    })
    expect(response.status).toBe(201)
    const { certificate } = (await response.json()) as { certificate: string }
    answered.push({ origin, certificate })
    expect((await died)[1]).toBe('SIGKILL')
  }
  const { texts, registry, log } = openTestRegistry(path, keys)
  for (const { origin, certificate } of answered) {
    expect(registry.knows(origin)).toBe(true)
    expect(texts().some((text) => text.includes(certificate))).toBe(true)
  }
  expect(log.size).toBe(2 + answered.length)
})
