import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { resolveExporterOptions } from '@tokentrail/exporter'
import { createHttpTransport } from '../../src/send/http-transport.ts'

/** Makes a self-signed certificate with openssl(1); whoever trusts it trusts nothing else. */
function makeCertificate(folder: string, name: string): { cert: string; key: string } {
  const cert = join(folder, `${name}.pem`)
  const key = join(folder, `${name}.key`)
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const args = ['req', '-x509', ...algorithm, '-keyout', key, '-out', cert, '-days', '2']
  execFileSync('openssl', [...args, ...subject], { stdio: 'ignore' })
  return { cert, key }
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasOpenssl())('delivery with mutual TLS', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokentrail-tls-'))
    for (const name of ['server', 'client', 'stranger']) makeCertificate(folder, name)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function serve() {
    const clients: string[] = []
    const server = createServer(
      {
        cert: readFileSync(join(folder, 'server.pem')),
        key: readFileSync(join(folder, 'server.key')),
        ca: readFileSync(join(folder, 'client.pem')),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        clients.push((request.socket as TLSSocket).getPeerCertificate().subject.CN)
        request.resume()
        response.end('{}')
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    return { clients, endpoint: `https://127.0.0.1:${port}/v1/logs` }
  }

  function open(endpoint: string, client?: string) {
    const own = (suffix: string) => join(folder, `${client}.${suffix}`)
    const env = {
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, 'server.pem'),
      ...(client === undefined
        ? {}
        : {
            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: own('pem'),
            OTEL_EXPORTER_OTLP_CLIENT_KEY: own('key'),
          }),
    }
    const { destination } = resolveExporterOptions({}, env)
    const transport = createHttpTransport(destination, 'test')
    onTestFinished(() => transport.close())
    return transport
  }

  it('proves itself by the standard variables', async () => {
    const { clients, endpoint } = await serve()
    expect(await open(endpoint, 'client').send(Buffer.from('{}'))).toMatchObject({
      statusCode: 200,
    })
    expect(clients).toEqual(['client'])
  })

  it.each([undefined, 'stranger'])('fails, to be tried again, as %s', async (client) => {
    const { clients, endpoint } = await serve()
    expect(await open(endpoint, client).send(Buffer.from('{}'))).toEqual({
      failure: expect.any(String),
    })
    expect(clients).toEqual([])
  })

  it('takes a renewed certificate without a restart', async () => {
    const { clients, endpoint } = await serve()
    for (const suffix of ['pem', 'key']) {
      copyFileSync(join(folder, `stranger.${suffix}`), join(folder, `renewed.${suffix}`))
    }
    const transport = open(endpoint, 'renewed')
    expect(await transport.send(Buffer.from('{}'))).toHaveProperty('failure')
    for (const suffix of ['pem', 'key']) {
      copyFileSync(join(folder, `client.${suffix}`), join(folder, `renewed.${suffix}`))
    }
    expect(await transport.send(Buffer.from('{}'))).toMatchObject({ statusCode: 200 })
    expect(clients).toEqual(['client'])
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_CLIENT_KEY: 'client.key' }, 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
    [{ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'client.pem' }, 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    [
      {
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'client.key',
        OTEL_EXPORTER_OTLP_CLIENT_KEY: 'client.key',
      },
      'a certificate',
    ],
  ])('is refused at the start with %j', (names, words) => {
    const entries = Object.entries(names).map(([name, file]) => [name, join(folder, file)])
    const env = Object.fromEntries(entries) as Record<string, string>
    expect(() => resolveExporterOptions({}, env)).toThrow(words)
  })
})
