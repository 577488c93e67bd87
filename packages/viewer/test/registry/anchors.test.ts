import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import {
  encodeTimestampRequest,
  formatAddCheckpoint,
  formatVerifierKey,
  openNote,
  parseNote,
  parseTlogPolicy,
  verifyLogs,
  type PolicyWitness,
  type TlogPolicy,
} from '@tokentrail/ledger'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Anchoring } from '../../src/registry/anchors/anchoring.ts'
import { verifyTimestamp } from '../../src/registry/anchors/verify-timestamp.ts'
import { requestCosignature } from '../../src/registry/anchors/witness-client.ts'
import { openWitness, type Witness } from '../../src/registry/witness/witness.ts'
import {
  makeInstance,
  openTestRegistry,
  ORDERS,
  ORIGIN,
  START_MILLIS,
  temporaryFolder,
  type TestRegistry,
} from './support.ts'

const NAME = 'witness.example.com/w'
const options = { fetch, timeoutMillis: 10_000 }

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function openTestWitness(test: TestRegistry, path = ':memory:'): Witness {
  const witness = openWitness({
    path,
    name: NAME,
    seed: new Uint8Array(32).fill(9),
    logs: [{ key: test.log.signer.key }],
    nowSeconds: () => BigInt(START_MILLIS / 1000),
  })
  return witness
}

const policyOf = (witness: Witness, url: string): TlogPolicy =>
  parseTlogPolicy(`witness W ${formatVerifierKey(witness.cosigner.key)} ${url}\nquorum W\n`)

/** The one witness of a policy. */
function witnessOf(witness: Witness, url: string): PolicyWitness {
  const [one] = policyOf(witness, url).witnesses
  if (one === undefined) throw new Error('the policy names no witness')
  return one
}

/** Registers some logs and signs a head. */
function grow(test: TestRegistry, count = 3) {
  for (let i = 0; i < count; i++) test.registry.register(makeInstance().request, ORDERS)
  return test.log.checkpoint()
}

const bodyOf = (test: TestRegistry, from: number, head = test.log.head!): string =>
  formatAddCheckpoint({
    oldSize: BigInt(from),
    proof: from === head.size ? [] : test.log.consistencyProof(from, head.size),
    checkpoint: head.note,
  })

describe('our witness', () => {
  it('cosigns what follows, and answers with the size it holds to what does not', () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const first = test.log.head!
    expect(witness.addCheckpoint(bodyOf(test, 0))).toMatchObject({ status: 200 })
    const second = grow(test)
    expect(witness.addCheckpoint(bodyOf(test, 0))).toEqual({ status: 409, body: `${first.size}\n` })
    const { status, body } = witness.addCheckpoint(bodyOf(test, first.size))
    expect(status).toBe(200)
    const { text } = parseNote(second.note)
    expect(openNote(`${text}\n${body}`, [witness.cosigner.key]).verified).toHaveLength(1)
    expect(witness.addCheckpoint('garbage').status).toBe(400)
    witness.close()
  })

  it('never goes back, whatever comes between and after a restart', () => {
    const test = openTestRegistry()
    const path = join(temporaryFolder(), 'witness', 'witness.sqlite')
    const witness = openTestWitness(test, path)
    expect(() => openTestWitness(test, path)).toThrow(/ERR_VIEWER_STORE_BUSY|another viewer/)
    const base = test.log.head!
    witness.addCheckpoint(bodyOf(test, 0))
    const shorter = grow(test)
    const slow = bodyOf(test, base.size, shorter)
    const longer = grow(test)
    expect(witness.addCheckpoint(bodyOf(test, base.size, longer)).status).toBe(200)
    // The slower of two requests that both began at the same size.
    expect(witness.addCheckpoint(slow)).toEqual({ status: 409, body: `${longer.size}\n` })
    witness.close()
    const again = openTestWitness(test, path)
    expect(again.addCheckpoint(slow)).toEqual({ status: 409, body: `${longer.size}\n` })
    again.close()
  })

  it('has kept the head before it answers: a disk that refuses leaves no cosignature', () => {
    const test = openTestRegistry()
    const path = join(temporaryFolder(), 'witness.sqlite')
    const witness = openTestWitness(test, path)
    const signed: string[] = []
    Object.assign(witness.cosigner, {
      sign: (text: string) => {
        signed.push(text)
        throw new Error('died')
      },
    })
    expect(() => witness.addCheckpoint(bodyOf(test, 0))).toThrow(/died/)
    expect(signed).toHaveLength(1)
    witness.close()
    const again = openTestWitness(test, path)
    expect(again.addCheckpoint(bodyOf(test, 0)).status).toBe(200)
    again.close()
  })

  it('shows monitors what it holds, over HTTP', async () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const url = await listen((request, response) => void witness.handle(request, response))
    const post = (body: string) => fetch(`${url}/add-checkpoint`, { method: 'POST', body })
    expect((await post(bodyOf(test, 0))).status).toBe(200)
    const conflict = await post(bodyOf(test, 0))
    expect(conflict.status).toBe(409)
    expect(conflict.headers.get('content-type')).toBe('text/x.tlog.size')
    const hash = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ORIGIN)),
    ).toString('hex')
    const held = await (await fetch(`${url}/${hash}/checkpoint`)).text()
    expect(openNote(held, [witness.cosigner.key]).text).toBe(parseNote(test.log.head!.note).text)
    expect((await fetch(`${url}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404)
    expect((await post('x'.repeat(20_000))).status).toBe(413)
    witness.close()
  })
})

describe('asking a witness', () => {
  const start = async () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const url = await listen((request, response) => void witness.handle(request, response))
    const asked = witnessOf(witness, url)
    const checkpoint = (head = test.log.head!) => ({
      ...head,
      proofFrom: (size: number) => test.log.consistencyProof(size, head.size),
    })
    return { test, witness, asked, checkpoint }
  }

  it('goes on from the size that the witness names when it is mistaken', async () => {
    const { test, asked, checkpoint } = await start()
    await requestCosignature(asked, checkpoint(), 0, options)
    grow(test)
    const answer = await requestCosignature(asked, checkpoint(), 0, options)
    expect(answer).toMatchObject({ status: 'cosigned', seconds: START_MILLIS / 1000 })
  })

  it('tells a rolled back log by a larger tree, or another one', async () => {
    const { test, witness, asked, checkpoint } = await start()
    const old = test.log.head!
    grow(test)
    await requestCosignature(asked, checkpoint(), 0, options)
    expect(await requestCosignature(asked, checkpoint(old), old.size, options)).toMatchObject({
      status: 'conflict',
    })
    const restored = openTestRegistry(':memory:', test.keys)
    grow(restored, 9)
    const rewritten = {
      ...restored.log.head!,
      proofFrom: (size: number) => restored.log.consistencyProof(size, restored.log.head!.size),
    }
    const size = test.log.head!.size
    expect(await requestCosignature(asked, rewritten, size, options)).toMatchObject({
      status: 'conflict',
      message: expect.stringContaining('422') as string,
    })
    witness.close()
  })

  it.each([
    [400, '', 'malformed'],
    [403, '', 'does not trust'],
    [404, '', 'does not know'],
    [409, 'x', 'without a size'],
    [500, '', '500'],
    [200, 'nonsense', 'does not hold'],
  ])('fails on %s %j, to be tried again', async (status, body, message) => {
    const { test, witness, checkpoint } = await start()
    const url = await listen((_, response) => response.writeHead(status).end(body))
    const asked = witnessOf(witness, url)
    expect(await requestCosignature(asked, checkpoint(), 0, options)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(message) as string,
    })
    expect(test.log.size).toBe(2)
  })

  it('fails where nobody is, and where a cosignature is of another key', async () => {
    const { test, witness, checkpoint } = await start()
    const nobody = witnessOf(witness, 'http://127.0.0.1:9')
    expect(await requestCosignature(nobody, checkpoint(), 0, options)).toMatchObject({
      status: 'failed',
    })
    const impostor = openWitness({
      path: ':memory:',
      name: NAME,
      seed: new Uint8Array(32).fill(8),
      logs: [{ key: test.log.signer.key }],
      nowSeconds: () => 1n,
    })
    const url = await listen((request, response) => void impostor.handle(request, response))
    const asked = witnessOf(witness, url)
    const answer = await requestCosignature(asked, checkpoint(), 0, options)
    expect(answer).toMatchObject({ status: 'failed', message: 'its cosignature does not hold' })
  })
})

function anchor(test: TestRegistry, more: Partial<ConstructorParameters<typeof Anchoring>[0]>) {
  const faults: string[] = []
  const anchoring = new Anchoring({
    log: test.log,
    alarms: test.registry.alarms,
    policy: undefined,
    timestampUrls: [],
    fetch,
    now: () => test.clock.now(),
    onFault: (message) => faults.push(message),
    witnessMillis: 60_000,
    timestampMillis: 3_600_000,
    ...more,
  })
  return { anchoring, faults }
}

describe('anchoring a registry', () => {
  it('has heads cosigned when there is something new, and verifiers list the witness', async () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const url = await listen((request, response) => void witness.handle(request, response))
    const policy = policyOf(witness, url)
    const { anchoring, faults } = anchor(test, { policy })
    await anchoring.run()
    expect(test.log.size).toBe(3)
    test.clock.millis += 61_000
    test.log.checkpoint()
    await anchoring.run()
    expect(test.log.size).toBe(4)
    grow(test)
    await anchoring.run()
    expect(test.texts().at(-1)).toContain('tokentrail.log.witness')
    test.log.checkpoint()
    expect(faults).toEqual([])
    const report = await verifyLogs(
      test.texts().map((body) => ({ body })),
      { roots: [test.keys.root.publicJwk], policy, until: test.clock.now() - 120_000_000_000n },
    )
    expect(report.anchors).toMatchObject([{ kind: 'witness', log: ORIGIN, by: NAME, size: 7 }])
    expect(report.findings.map(({ verdict }) => verdict)).toEqual([])
    expect(report.remarks.join(' ')).toContain('met up to size 7')
  })

  it('tells once of a witness that fails, and loudly of one that holds more', async () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const url = await listen((request, response) => void witness.handle(request, response))
    const broken = anchor(test, { policy: policyOf(witness, 'http://127.0.0.1:9') })
    await broken.anchoring.run()
    await broken.anchoring.run()
    expect(broken.faults).toHaveLength(1)
    grow(test)
    await anchor(test, { policy: policyOf(witness, url) }).anchoring.run()
    const restored = openTestRegistry(':memory:', test.keys)
    const { anchoring, faults } = anchor(restored, { policy: policyOf(witness, url) })
    await anchoring.run()
    expect(faults.join()).toMatch(/^FORK: the witness/)
    const { alarms } = restored.registry
    expect(alarms.list()).toMatchObject([{ kind: 'witness', subject: NAME }])
    while (restored.log.size < 12) grow(restored)
    restored.clock.millis += 61_000
    await anchoring.run()
    expect(alarms.list()).toHaveLength(1)
    await anchoring.close()
  })

  it('takes its alarm back when the witness cosigns again', async () => {
    const test = openTestRegistry()
    const witness = openTestWitness(test)
    const url = await listen((request, response) => void witness.handle(request, response))
    const { alarms } = test.registry
    alarms.raiseRefusal(NAME, { kind: 'witness', subject: NAME, message: 'm', time: '1' })
    alarms.raiseRefusal('other', { kind: 'witness', subject: 'other', message: 'm', time: '1' })
    await anchor(test, { policy: policyOf(witness, url) }).anchoring.run()
    expect(alarms.list()).toMatchObject([{ subject: 'other' }])
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl)
  console.log('Skipped: time-stamps of OpenSSL, because there is no openssl on PATH.')

describe.skipIf(!hasOpenssl)('time-stamping a registry', () => {
  function makeAuthority(usage: string, key = 'rsa:2048') {
    const folder = temporaryFolder()
    const run = (...args: string[]): void => {
      const { status, stderr } = spawnSync('openssl', args, { cwd: folder })
      if (status !== 0) throw new Error(stderr.toString())
    }
    writeFileSync(
      join(folder, 'c.cnf'),
      `[ca]\nbasicConstraints=critical,CA:true\n[tsa]\nextendedKeyUsage=critical,${usage}\n` +
        '[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\n' +
        'default_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_alg=sha256\n' +
        '[req]\ndistinguished_name=dn\n[dn]\n',
    )
    writeFileSync(join(folder, 'serial'), '01')
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    const newKey = key === 'ec:p256' ? curve : ['-newkey', key]
    const common = ['-config', 'c.cnf', '-days', '9']
    run('req', '-x509', ...newKey, '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem',
      '-subj', '/CN=Test CA', '-extensions', 'ca', ...common) // prettier-ignore
    run('req', ...newKey, '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr',
      '-subj', '/CN=Test TSA', '-config', 'c.cnf') // prettier-ignore
    run('x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
      '-out', 'tsa.pem', '-extfile', 'c.cnf', '-extensions', 'tsa', '-days', '9') // prettier-ignore
    const reply = (query: Buffer): Buffer => {
      writeFileSync(join(folder, 'q.tsq'), query)
      run('ts', '-reply', '-config', 'c.cnf', '-section', 't', '-queryfile', 'q.tsq', '-out', 'r')
      return readFileSync(join(folder, 'r'))
    }
    const check = (text: string, response: Buffer): string => {
      writeFileSync(join(folder, 'data'), text)
      writeFileSync(join(folder, 'token'), response)
      const args = ['ts', '-verify', '-data', 'data', '-in', 'token', '-CAfile', 'ca.pem']
      return spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' }).stdout
    }
    const read = (name: string) => new X509Certificate(readFileSync(join(folder, name)))
    return { reply, check, ca: read('ca.pem'), own: read('tsa.pem') }
  }

  const serve = (reply: (query: Buffer) => Buffer): Promise<string> =>
    listen((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => response.end(reply(Buffer.concat(parts))))
    })

  it.each(['rsa:2048', 'ec:p256'])(
    'gives a token (%s) that we and OpenSSL verify',
    async (bits) => {
      const authority = makeAuthority('timeStamping', bits)
      const test = openTestRegistry()
      test.clock.millis = Date.now()
      grow(test)
      const url = await serve(authority.reply)
      const { anchoring, faults } = anchor(test, {
        timestampUrls: ['http://127.0.0.1:9/', url],
      })
      await anchoring.run()
      expect(faults).toEqual([])
      const [last = ''] = test.texts().slice(-1)
      const { note, timestamp } = JSON.parse(last) as { note: string; timestamp: string }
      const { text } = parseNote(note)
      const response = Buffer.from(timestamp, 'base64')
      expect(authority.check(text, response)).toContain('Verification: OK')
      const checked = verifyTimestamp(response, text, [authority.ca])
      expect(checked?.authority).toBe('Test TSA')
      expect(Math.abs(checked!.seconds - Date.now() / 1000)).toBeLessThan(120)
      expect(verifyTimestamp(response, text, [authority.own])?.authority).toBe('Test TSA')
      test.log.checkpoint()
      const report = await verifyLogs(
        test.texts().map((body) => ({ body })),
        {
          roots: [test.keys.root.publicJwk],
          until: 0n,
          verifyTimestamp: (token, over) => verifyTimestamp(token, over, [authority.ca]),
        },
      )
      expect(report.findings).toEqual([])
      expect(report.anchors).toMatchObject([{ kind: 'timestamp', by: 'Test TSA' }])
      await anchoring.run()
      expect(test.texts().filter((one) => one.includes('log.timestamp'))).toHaveLength(1)
    },
  )

  it('does not count another authority, refuses another text and every flipped byte', () => {
    const authority = makeAuthority('timeStamping')
    const text = 'registry\n1\nroot\n'
    const request = Buffer.from(encodeRequest(text))
    const response = authority.reply(request)
    const trusted = [authority.ca]
    const honest = verifyTimestamp(response, text, trusted)
    expect(honest?.authority).toBe('Test TSA')
    const stranger = makeAuthority('timeStamping')
    expect(verifyTimestamp(response, text, [stranger.ca])).toBeUndefined()
    expect(() => verifyTimestamp(response, `${text}x`, trusted)).toThrow(/another text/)
    let accepted = 0
    for (let at = 0; at < response.length; at++) {
      const flipped = Buffer.from(response)
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at)
      try {
        const checked = verifyTimestamp(flipped, text, trusted)
        if (checked === undefined) continue
        accepted += checked.seconds === honest?.seconds ? 1 : 1_000
      } catch {
        continue
      }
    }
    // What no signature covers: versions, status text and the like.
    expect(accepted).toBeLessThan(60)
  })
})

function encodeRequest(text: string): Uint8Array {
  return encodeTimestampRequest(text, { nonce: Uint8Array.of(1, 2, 3) })
}
