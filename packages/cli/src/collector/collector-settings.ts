/** What the base configuration reads from the environment, as one value. */
export interface CollectorSettings {
  /** `host:port` for OTLP/HTTP in. Port 0 takes a free one. */
  readonly otlpEndpoint: string
  /** URL of the viewer's OTLP endpoint, without `/v1/logs`. */
  readonly viewerEndpoint: string
  /** Folder of the files that the collector writes. */
  readonly exportFolder: string
  /** Folder of its persistent queue. One collector at a time owns it. */
  readonly queueFolder: string
}

/** {@link CollectorSettings} with ports that are known. */
export interface CollectorPlace extends CollectorSettings {
  /** `host:port` of the health check. */
  readonly healthEndpoint: string
}

/** The variables that `otel-collector-config.yaml` documents. */
export function buildCollectorEnvironment(place: CollectorPlace): Readonly<Record<string, string>> {
  return {
    TOKENTRAIL_OTLP_ENDPOINT: place.otlpEndpoint,
    TOKENTRAIL_VIEWER_ENDPOINT: place.viewerEndpoint,
    TOKENTRAIL_EXPORT_DIR: place.exportFolder,
    TOKENTRAIL_COLLECTOR_DIR: place.queueFolder,
    TOKENTRAIL_COLLECTOR_HEALTH_ENDPOINT: place.healthEndpoint,
  }
}
