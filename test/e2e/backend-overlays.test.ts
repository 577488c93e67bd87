import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import { ROOT, run } from './support/run.ts'

const folder = join(ROOT, 'collector', 'backends')
const overlays = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

// Top level, because whether the suite can run has to be known when it is collected.
const found = await findCollector({ root: ROOT, report: (line) => console.log(line) })
if (found.status === 'missing') {
  console.log(`skipped: test/e2e/backend-overlays.test.ts: ${found.reason}`)
}
console.log(
  'not run here: test/real-backends, for its downloads: node test/real-backends/run.ts all',
)

const env = { TOKENTRAIL_S3_BUCKET: 'evidence', TOKENTRAIL_SPLUNK_TOKEN: 'x' }

/** Has the collector merge and check the base configuration with overlays. */
async function print(names: readonly string[], ...flags: string[]): Promise<string> {
  if (found.status === 'missing') throw new Error(found.reason)
  const paths = [
    join(ROOT, 'otel-collector-config.yaml'),
    ...names.map((name) => join(folder, name)),
  ]
  const configs = paths.map((path) => `--config=${path}`)
  const { code, stdout, stderr } = await run(found.path, ['print-config', ...flags, ...configs], {
    env,
  })
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const exportersOf = (configuration: string, pipeline: string): string[] => {
  const [, list = ''] =
    new RegExp(`^ +${pipeline}:\\n +exporters:\\n((?: +- .*\\n)+)`, 'm').exec(configuration) ?? []
  return list.match(/(?<=- ).+/g) ?? []
}

describe.runIf(found.status === 'found').each(overlays)('the overlay %s', (overlay) => {
  it('keeps the files and the viewer, and adds to every route', async () => {
    const configuration = await print([overlay])
    expect(exportersOf(configuration, 'logs/records')).toEqual([
      'file/records',
      'otlp_http/viewer',
      expect.any(String),
    ])
    for (const route of ['hipaa', 'gdpr', 'soc2', 'pci']) {
      expect(exportersOf(configuration, `logs/${route}`)).toEqual([
        `file/${route}`,
        expect.any(String),
      ])
    }
  })

  it('sends identities nowhere that cannot delete', async () => {
    const exporters = exportersOf(await print([overlay]), 'logs/identities')
    const erasable = overlay === 'elasticsearch.yaml' ? ['forward/elasticsearch-identities'] : []
    expect(exporters).toEqual(['file/identities', 'otlp_http/viewer', ...erasable])
  })
})

describe.runIf(found.status === 'found')('all overlays together', () => {
  it('add up with the gate that appends lists', async () => {
    const configuration = await print(overlays, '--feature-gates=confmap.enableMergeAppendOption')
    expect(exportersOf(configuration, 'logs/hipaa').toSorted()).toEqual([
      'awss3/hipaa',
      'file/hipaa',
      'forward/elasticsearch-hipaa',
      'forward/splunk-hipaa',
    ])
  })
})
