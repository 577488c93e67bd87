import { request as sendRequest } from 'node:http'
import { generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { RequestFacts } from '@tokentrail/session'
import { startRecordedServer, type RecordedServer } from '../recorded-server.ts'
import { startIssuer } from './local-issuer.ts'
import { fingerprint, startVerifier } from './verifier-rig.ts'

/** What a recorder was told after requests were over. */
function keepFindings({ recorder }: RecordedServer): RequestFacts[] {
  const findings: RequestFacts[] = []
  Object.assign(recorder, { recordFinding: (facts: RequestFacts) => findings.push(facts) })
  return findings
}

function send(port: number, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const request = sendRequest({ host: '127.0.0.1', port, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject).end()
  })
}

describe('a request whose token the recorder verifies', () => {
  it('is recorded at once, and the identity follows; the next one has it', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const server = await startRecordedServer((_, response) => response.end('ok'), { verifier })
    const findings = keepFindings(server)
    const token = await issuer.sign()
    expect(await send(server.port, token)).toBe(200)
    const [first] = server.recorder.requests
    expect(first).toMatchObject({ token, fingerprint: fingerprint(token) })
    expect(first).not.toHaveProperty('verified')
    await expect.poll(() => findings.length).toBe(1)
    expect(findings[0]).toMatchObject({
      ...first,
      verified: { token, method: 'recorder', hook: 'recorder.jwt', claims: { sub: 'alice' } },
    })
    await send(server.port, token)
    expect(server.recorder.requests[1]?.verified).toMatchObject({ method: 'recorder' })
    expect(findings).toHaveLength(1)
    expect(server.faults).toEqual([])
  })

  it('has the identity in its record where the response takes longer', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const server = await startRecordedServer(
      (_, response) => {
        const poll = setInterval(() => {
          if (verifier.states()[0]?.verified !== 1) return
          clearInterval(poll)
          setImmediate(() => response.end('ok'))
        }, 5)
      },
      { verifier },
    )
    const findings = keepFindings(server)
    await send(server.port, await issuer.sign())
    expect(server.recorder.requests[0]?.verified).toMatchObject({ method: 'recorder' })
    expect(findings).toEqual([])
  })

  it('is answered by the application, whatever the recorder finds', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const server = await startRecordedServer((_, response) => response.end('ok'), { verifier })
    const findings = keepFindings(server)
    const { privateKey } = await generateKeyPair('ES256')
    const forged = await new SignJWT({ iss: issuer.issuer, sub: 'mallory' })
      .setProtectedHeader({ alg: 'ES256', kid: 'first' })
      .sign(privateKey)
    expect(await send(server.port, forged)).toBe(200)
    await expect.poll(() => findings.length).toBe(1)
    expect(findings[0]).toMatchObject({ finding: { token: forged, reason: 'bad_signature' } })
    expect(JSON.stringify(findings[0]?.finding)).not.toContain('mallory')
    await send(server.port, forged)
    expect(server.recorder.requests[1]?.finding).toMatchObject({ reason: 'bad_signature' })
  })

  it('waits for nothing, and is recorded by fingerprint, where the issuer is silent', async () => {
    const issuer = await startIssuer()
    issuer.answer = () => {}
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const server = await startRecordedServer((_, response) => response.end('ok'), { verifier })
    const token = await issuer.sign()
    expect(await send(server.port, token)).toBe(200)
    expect(server.recorder.requests).toMatchObject([{ fingerprint: fingerprint(token) }])
  })

  it('is recorded where the verification itself is broken', async () => {
    const verifier = {
      begin: (): never => {
        throw new Error('broken')
      },
      states: () => [],
      close: () => {},
    }
    const server = await startRecordedServer((_, response) => response.end('ok'), { verifier })
    expect(await send(server.port, 'opaque')).toBe(200)
    expect(server.recorder.requests).toHaveLength(1)
    expect(server.faults).toEqual(['verification'])
  })
})
