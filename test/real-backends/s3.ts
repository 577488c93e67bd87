import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePort } from '../../packages/cli/src/collector/free-port.ts'
import { filesBelow } from '../e2e/support/files.ts'
import { until } from '../e2e/support/until.ts'
import { Judge } from './judge.ts'
import {
  createLockedBucket,
  download,
  listKeys,
  listVersions,
  membersOf,
  readRetention,
  type Download,
} from './locked-bucket.ts'
import { countRecords, recordRound, ROUTES, type RecordedRound } from './recorded-round.ts'
import { askS3, type S3Place } from './s3-client.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { findMinio } from './servers.ts'
import { copyAltered, copyWithout, pickVictim } from './tampering.ts'

const KEY_ID = 'tokentrail'
const SECRET = 'only-for-this-test'
const MARSHALERS = ['otlp_json', 'body'] as const

/** S3 under Object Lock: MinIO, filled by the exporter `awss3` with both of its text marshalers. */
export async function tryS3(folder: string, requests: number): Promise<readonly string[]> {
  const program = await findMinio()
  const host = `127.0.0.1:${await findFreePort('127.0.0.1')}`
  const start = (): Promise<ServerProcess> => startMinio(program, host, folder)
  let server = await start()
  const failures: string[] = []
  try {
    for (const marshaler of MARSHALERS) {
      const bucket = `evidence-${marshaler.replace('_', '-')}`
      const place: S3Place = { host, bucket, keyId: KEY_ID, secret: SECRET }
      await createLockedBucket(place)
      const round = await recordRound({
        folder: join(folder, marshaler),
        overlay: 's3',
        env: {
          TOKENTRAIL_S3_BUCKET: bucket,
          TOKENTRAIL_S3_ENDPOINT: `http://${host}`,
          TOKENTRAIL_S3_PATH_STYLE: 'true',
          TOKENTRAIL_S3_MARSHALER: marshaler,
          TOKENTRAIL_S3_FLUSH_TIMEOUT: '1s',
          AWS_ACCESS_KEY_ID: KEY_ID,
          AWS_SECRET_ACCESS_KEY: SECRET,
        },
        halfway: () => server.stop(),
        requests,
      })
      server = await start()
      const judge = new Judge(round.rootFile)
      await judgeBucket(judge, place, round, join(folder, marshaler, 'downloads'))
      await round.stop()
      failures.push(...judge.failures)
    }
  } finally {
    await server.stop()
  }
  return failures
}

async function startMinio(program: string, host: string, folder: string): Promise<ServerProcess> {
  mkdirSync(join(folder, 'minio'), { recursive: true })
  return startServer(program, ['server', join(folder, 'minio'), '--address', host], {
    env: { MINIO_ROOT_USER: KEY_ID, MINIO_ROOT_PASSWORD: SECRET, MINIO_UPDATE: 'off' },
    log: join(folder, 'minio.log'),
    // It says that it is healthy before it is: until then a request gets 503, then 403 for nobody.
    ready: async () => (await fetch(`http://${host}/`)).status === 403,
  })
}

async function judgeBucket(
  judge: Judge,
  place: S3Place,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  const at = (name: string): string => join(folder, name)
  const fetchRoute = async (route: string, to: string, how: Download): Promise<void> => {
    rmSync(to, { recursive: true, force: true })
    await download(place, await listKeys(place, `${route}/`), to, how)
  }
  for (const route of ROUTES) {
    await until(`${route} to be in ${place.bucket}`, async () => {
      await fetchRoute(route, at(route), 'as stored')
      if (filesBelow(at(route)).length === 0) return undefined
      const { count, texts } = await countRecords([at(route)])
      const all = texts.size >= round.texts.get(route)!.size && count >= round.sent.get(route)!
      return all || undefined
    })
    const name = `${place.bucket}: ${route}`
    await judge.verify(name, at(route), { verdict: 'VALID_SEALED' })
  }
  await fetchRoute('records', at('unpacked'), 'unpacked')
  await judge.verify(`${place.bucket}: records, unpacked on the way`, at('unpacked'), {
    verdict: 'VALID_SEALED',
  })
  await judgeIdentities(judge, place, round, folder)
  await judgeTampering(judge, place, round, folder)
  await judgeLock(judge, place, round, folder)
}

/** What is locked cannot be erased, so no clear name may be there. */
async function judgeIdentities(
  judge: Judge,
  place: S3Place,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  await download(place, await listKeys(place, ''), join(folder, 'all'), 'as stored')
  const { texts } = await countRecords([join(folder, 'all')])
  const found = [...round.identities].filter((text) => texts.has(text)).length
  const said = `${found} of ${round.identities.size} found`
  judge.check(`${place.bucket}: no identities`, found === 0 && round.identities.size > 0, said)
}

async function judgeTampering(
  judge: Judge,
  place: S3Place,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  for (const route of ['records', 'hipaa'] as const) {
    const victim = pickVictim(round.texts.get(route)!)
    const from = join(folder, route)
    const [without, altered] = [`${from}-without`, `${from}-altered`]
    copyWithout(from, without, victim)
    copyAltered(from, altered, victim)
    const name = `${place.bucket}: ${route}, a record`
    const { index } = victim
    await judge.verify(`${name} removed from the copy`, without, { verdict: 'MISSING', index })
    await judge.verify(`${name} altered in the copy`, altered, { verdict: 'ALTERED', index })
  }
}

/** A version cannot be deleted; a marker can hide it, which the verifier notices. */
async function judgeLock(
  judge: Judge,
  place: S3Place,
  round: RecordedRound,
  folder: string,
): Promise<void> {
  const name = `${place.bucket}: lock`
  const [version] = await listVersions(place, 'soc2/')
  const { key, id } = version!
  const mode = await readRetention(place, key)
  judge.check(`${name}, retention of an object`, mode === 'COMPLIANCE', mode)
  const bypass = { 'x-amz-bypass-governance-retention': 'true' }
  for (const headers of [{}, bypass]) {
    const { status, body } = await askS3(place, {
      method: 'DELETE',
      key,
      query: { versionId: id },
      headers,
    })
    const said = `${status} ${membersOf(body.toString('utf8'), 'Message')[0] ?? ''}`
    const how = headers === bypass ? ', governance bypassed' : ''
    judge.check(`${name}, a version deleted${how}`, status >= 400, said)
  }
  const keys = await listKeys(place, 'soc2/')
  for (const key of keys) await askS3(place, { method: 'DELETE', key })
  const left = (await listKeys(place, 'soc2/')).length
  judge.check(`${name}, delete markers hide all of a route`, left === 0, `${left} objects listed`)
  const hidden = join(folder, 'versions')
  await download(place, await listVersions(place, 'soc2/'), hidden, 'as stored')
  await judge.verify(`${name}, the hidden versions`, hidden, { verdict: 'VALID_SEALED' })
  const { texts } = await countRecords([hidden])
  const size = round.texts.get('soc2')!.size
  judge.check(`${name}, all are there`, texts.size === size, `${texts.size} of ${size}`)
}
