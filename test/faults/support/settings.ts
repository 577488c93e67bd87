import {
  type ExporterOptions,
  type ExporterSettings,
  resolveExporterOptions,
} from '@tokentrail/exporter'

/** Service and slot of every log in here. */
const SERVICE = 'orders'
const SLOT = 'slot-0'

/**
 * Settings with short waits, a small reserve and small segments, so that few records meet every
 * step of a journal.
 *
 * @param options - `segmentBytes` may be smaller than an operator can set it.
 */
export function faultSettings({
  segmentBytes = 65_536,
  ...options
}: ExporterOptions & { readonly directory: string }): ExporterSettings {
  const settings = resolveExporterOptions(
    {
      slot: SLOT,
      resource: { 'service.name': SERVICE },
      endpoint: 'http://127.0.0.1:9/v1/logs',
      reserveBytes: 65_536,
      batchDelayMillis: 5,
      minBackoffMillis: 5,
      maxBackoffMillis: 40,
      ...options,
    },
    {},
  )
  return { ...settings, limits: { ...settings.limits, segmentBytes } }
}
