import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import type { RecordDraft } from '@tokentrail/session'
import type { RootKey } from '../../src/logs/root-key.ts'
import { serve } from '../server/serve.ts'

/** Logs of one installation, recorded by the real exporter. */
export interface Recorder {
  readonly root: RootKey
  /** Records a log, sealed at its end; gives its texts in order. */
  record(drafts: readonly RecordDraft[], slot?: string): Promise<readonly string[]>
  close(): void
}

/** Makes an installation with keys of its own. */
export function createRecorder(): Recorder {
  const directory = mkdtempSync(join(tmpdir(), 'tokentrail-recorder-'))
  const settingsOf = (slot: string, endpoint: string) =>
    resolveExporterOptions(
      { directory, slot, endpoint, resource: { 'service.name': 'orders' }, batchDelayMillis: 0 },
      {},
    )
  const keys = loadOrCreateKeys(settingsOf('slot-0', 'http://127.0.0.1:1'))
  return {
    root: keys.signing.publicJwk,
    async record(drafts, slot = 'slot-0') {
      const served = await serve()
      const settings = settingsOf(slot, `http://127.0.0.1:${served.port}/v1/logs`)
      const log = openLog({ settings, keys, recorderVersion: '0.1.0' })
      for (const draft of drafts) log.append(draft)
      try {
        if (!(await log.shutdown(10_000))) throw new Error('the log was not delivered')
        return served.store.tables.records.textsFrom(1, 0, 10_000)
      } finally {
        await served.close()
      }
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Requests of one session. */
export function buildRequests(count: number): readonly RecordDraft[] {
  return Array.from({ length: count }, (_, at) => ({
    type: 'oauth.request',
    time: String(BigInt(Date.now()) * 1_000_000n),
    attributes: { 'http.route': `/orders/${at}`, 'oauth.decision': 'allow' },
  }))
}
