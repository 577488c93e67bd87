import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ExporterOptions, resolveExporterOptions } from '@tokentrail/exporter'
import { temporaryFolder } from './support/folder.ts'

const resolve = (options: ExporterOptions = {}, env: Record<string, string> = {}) =>
  resolveExporterOptions(options, env, 'host-1')

describe('settings', () => {
  it('have a default each', () => {
    expect(resolve()).toEqual({
      directory: '.tokentrail',
      slot: 'host-1',
      resource: { 'service.name': 'unknown_service:node' },
      signingKeyFile: '.tokentrail/keys/signing.jwk.json',
      pseudonymKeyFile: '.tokentrail/keys/pseudonym.jwk.json',
      rootKeyFile: '.tokentrail/keys/root.jwk.json',
      durability: 'process',
      failurePolicy: 'drop-and-record',
      destination: {
        url: 'http://localhost:4318/v1/logs',
        headers: {},
        timeoutMillis: 10_000,
        compression: 'gzip',
      },
      limits: {
        maxWaitMillis: 5000,
        maxBytes: Infinity,
        reserveBytes: 8 * 1024 * 1024,
        segmentBytes: 8_388_608,
        retainMillis: 86_400_000,
        retainBytes: 1_073_741_824,
        maxBatchRecords: 1024,
        maxBatchBytes: 2_097_152,
        batchDelayMillis: 200,
        minBackoffMillis: 1000,
        maxBackoffMillis: 60_000,
      },
      warnings: [],
    })
  })

  it('come from code before environment', () => {
    const env = { TOKENTRAIL_DIR: '/env', TOKENTRAIL_SLOT: 'env', OTEL_SERVICE_NAME: 'env' }
    expect(resolve({}, env)).toMatchObject({
      directory: '/env',
      slot: 'env',
      resource: { 'service.name': 'env' },
      signingKeyFile: '/env/keys/signing.jwk.json',
    })
    const code = { directory: '/code', slot: 'code', resource: { 'service.name': 'code' } }
    expect(resolve(code, env)).toMatchObject(code)
  })

  it('take the slot from a configured instance id, never from an empty variable', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod%2D7,a=b', TOKENTRAIL_SLOT: '' }
    expect(resolve({}, env)).toMatchObject({
      slot: 'pod-7',
      resource: { 'service.instance.id': 'pod-7', a: 'b' },
    })
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/logs'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp/' }, 'http://c:4318/otlp/v1/logs'],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://c/mine' }, 'https://c/mine'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://b/x' },
      'http://b/x',
    ],
  ])('make of %j the endpoint %s', (env, url) => {
    expect(resolve({}, env).destination.url).toBe(url)
  })

  it('read headers, timeout, compression and certificate of OTLP', () => {
    const pem = join(temporaryFolder(), 'ca.pem')
    const certificate = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
    writeFileSync(pem, certificate)
    const { destination } = resolve(
      {},
      {
        OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,x-b=two%20words',
        OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-a=3',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
        OTEL_EXPORTER_OTLP_CERTIFICATE: pem,
      },
    )
    expect(destination).toMatchObject({
      headers: { 'x-a': '3', 'x-b': 'two words' },
      timeoutMillis: 500,
      compression: 'none',
      certificateAuthority: certificate,
    })
  })

  it('take zstd, which OTLP does not name', () => {
    const env = { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }
    expect(resolve({}, env)).toMatchObject({ destination: { compression: 'zstd' }, warnings: [] })
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'carrier-pigeon' }, 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' }, 'OTEL_EXPORTER_OTLP_COMPRESSION'],
  ])('warn of %j', (env, name) => {
    expect(resolve({}, env).warnings).toEqual([expect.stringContaining(name)])
  })

  it.each(['http/json', 'http/protobuf'])('say nothing of the protocol %s', (protocol) => {
    expect(resolve({}, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }).warnings).toEqual([])
  })

  it.each<[object, Record<string, string>, string]>([
    [{ endpoint: 'localhost:4318' }, {}, 'endpoint'],
    [{ segmentBytes: 1 }, {}, 'segmentBytes'],
    [{ maxBatchRecords: 1.5 }, {}, 'maxBatchRecords'],
    [{ timeoutMillis: 0 }, {}, 'timeoutMillis'],
    [{ slot: '' }, {}, 'slot'],
    [{ segmentSize: 1 }, {}, 'segmentSize'],
    [{ certificateFile: '/nowhere/ca.pem' }, {}, 'certificateFile'],
    [{ certificateFile: join(import.meta.dirname, '..', 'package.json') }, {}, 'certificateFile'],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://c' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    [{}, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
    [{}, { OTEL_EXPORTER_OTLP_HEADERS: 'bad name=x' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
    [{}, { OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=x%0Ay' }, 'OTEL_EXPORTER_OTLP_LOGS_HEADERS'],
    [{ headers: { 'x-key': 'line\nline' } }, {}, 'headers'],
    [{}, { OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, 'OTEL_RESOURCE_ATTRIBUTES'],
    [{}, { TOKENTRAIL_DURABILITY: 'memory' }, 'TOKENTRAIL_DURABILITY'],
    [{}, { TOKENTRAIL_FAILURE_POLICY: 'drop' }, 'TOKENTRAIL_FAILURE_POLICY'],
    [{ failurePolicy: 'open' }, {}, 'failurePolicy'],
    [{}, { TOKENTRAIL_MAX_BYTES: '2000000' }, 'TOKENTRAIL_MAX_BYTES'],
    [{ maxBytes: 24 * 1024 * 1024 - 1 }, {}, 'maxBytes'],
    [{}, { TOKENTRAIL_MAX_WAIT_MILLIS: '0' }, 'TOKENTRAIL_MAX_WAIT_MILLIS'],
    [{ maxWaitMillis: 0.5 }, { TOKENTRAIL_MAX_WAIT_MILLIS: '7' }, 'maxWaitMillis'],
  ])('refuse %j with %j, and name it', (options, env, name) => {
    expect(() => resolve(options, env)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`"${name}"`) }),
    )
  })

  it('never repeat what a malformed header variable holds', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'Bearer%20top-secret' }
    expect(() => resolve({}, env)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})
