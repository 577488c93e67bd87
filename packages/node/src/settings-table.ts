/** One setting: how it is named in code and in the environment, and what holds without it. */
export interface SettingDefinition {
  /** Name among the options of `startRecording`. */
  readonly name: string
  /** Environment variables, the stronger first. */
  readonly variables: readonly string[]
  /** What holds when it is set nowhere, in words. */
  readonly default: string
  /** What it does, in one sentence. */
  readonly what: string
  /** Whether its value may hold a credential and is never shown. */
  readonly secret?: true
}

/** Every setting there is. The table in the README is made from this one. */
export const SETTINGS: readonly SettingDefinition[] = Object.freeze([
  {
    name: 'directory',
    variables: ['TOKENTRAIL_DIR'],
    default: '.tokentrail',
    what: 'Folder of the journal and, unless set otherwise, the keys. Must be on a local disk.',
  },
  {
    name: 'slot',
    variables: ['TOKENTRAIL_SLOT'],
    default: '`service.instance.id` of the resource, else the host name',
    what: 'Stable name of this place, by which the next process here adopts what a dead one left.',
  },
  {
    name: 'signingKeyFile',
    variables: ['TOKENTRAIL_SIGNING_KEY_FILE'],
    default: '`keys/signing.jwk.json` in the folder, made once',
    what: 'Private Ed25519 JWK that signs the log. A key made here is self-issued.',
  },
  {
    name: 'pseudonymKeyFile',
    variables: ['TOKENTRAIL_PSEUDONYM_KEY_FILE'],
    default: '`keys/pseudonym.jwk.json` in the folder, made once',
    what: 'Secret JWK that pseudonyms are made with. The services of a fleet share one.',
  },
  {
    name: 'registryUrl',
    variables: ['TOKENTRAIL_REGISTRY_URL'],
    default: 'none: logs certify themselves',
    what: 'Address of the registry that certifies the logs of this process.',
  },
  {
    name: 'registryTokenFile',
    variables: ['TOKENTRAIL_REGISTRY_TOKEN_FILE'],
    default: 'none',
    what: 'File of the token that says who this instance is, e.g. a projected service-account token.',
  },
  {
    name: 'registryCertificateFile',
    variables: ['TOKENTRAIL_REGISTRY_CERTIFICATE'],
    default: 'the certificate authorities of Node.js',
    what: 'PEM file of the certificate authority that the registry is trusted by.',
  },
  {
    name: 'registryClientCertificateFile',
    variables: ['TOKENTRAIL_REGISTRY_CLIENT_CERTIFICATE'],
    default: 'none',
    what: 'PEM file of the client certificate that says who this instance is (mutual TLS).',
  },
  {
    name: 'registryClientKeyFile',
    variables: ['TOKENTRAIL_REGISTRY_CLIENT_KEY'],
    default: 'none',
    what: 'PEM file of its private key.',
  },
  {
    name: 'durability',
    variables: ['TOKENTRAIL_DURABILITY'],
    default: 'process',
    what: 'What a record survives once its response has gone: `process`, the death of the process; `disk`, a power cut too, for which responses wait.',
  },
  {
    name: 'maxWaitMillis',
    variables: ['TOKENTRAIL_MAX_WAIT_MILLIS'],
    default: '5000',
    what: 'Longest that a response waits for its record to be safe, in milliseconds.',
  },
  {
    name: 'failurePolicy',
    variables: ['TOKENTRAIL_FAILURE_POLICY'],
    default: 'drop-and-record',
    what: 'When records cannot be kept: `drop-and-record` counts them in a signed record, `block` lets responses wait first, `fail-closed` answers requests with 503.',
  },
  {
    name: 'maxBytes',
    variables: ['TOKENTRAIL_MAX_BYTES'],
    default: 'no cap',
    what: 'Most bytes of the journal, at least 25165824: delivered segments go first, then the failure policy applies.',
  },
  {
    name: 'configFile',
    variables: ['TOKENTRAIL_CONFIG'],
    default: '`tokentrail.yaml` in the working folder, if there is one',
    what: 'Policy (which routes are evidence for which frameworks), and issuers.',
  },
  {
    name: 'subject',
    variables: ['TOKENTRAIL_SUBJECT'],
    default: 'pseudonym',
    what: 'How records name subjects: `pseudonym`, `plain` or `off`.',
  },
  {
    name: 'address',
    variables: ['TOKENTRAIL_ADDRESS'],
    default: 'pseudonym',
    what: 'How records name client addresses: `pseudonym`, `plain` or `off`.',
  },
  {
    name: 'trustedHops',
    variables: ['TOKENTRAIL_TRUSTED_HOPS'],
    default: '0',
    what: 'Number of proxies in front that append to `X-Forwarded-For`; with 0 it is ignored.',
  },
  {
    name: 'issuers',
    variables: ['TOKENTRAIL_ISSUERS'],
    default: 'those of `tokentrail.yaml`',
    what: 'Issuers whose tokens the recorder verifies itself: URLs separated by commas.',
  },
  {
    name: 'roles',
    variables: ['TOKENTRAIL_ROLES'],
    default: 'false',
    what: 'Whether roles and groups of a token are recorded: `true` or `false`.',
  },
  {
    name: 'rejectionsPerSecond',
    variables: ['TOKENTRAIL_REJECTIONS_PER_SECOND'],
    default: '10',
    what: 'Rejections attributed to nobody that get a record each; what is beyond is counted.',
  },
  {
    name: 'stampServerSpan',
    variables: ['TOKENTRAIL_STAMP_SERVER_SPAN'],
    default: 'true',
    what: 'Whether the server span of a request carries every `oauth.*` attribute that is known.',
  },
  {
    name: 'stampSpans',
    variables: ['TOKENTRAIL_STAMP_SPANS'],
    default: 'true',
    what: 'Whether every span of a request carries session, client and subject.',
  },
  {
    name: 'stampLogs',
    variables: ['TOKENTRAIL_STAMP_LOGS'],
    default: 'true',
    what: 'Whether log records of a request carry session, client and subject.',
  },
  {
    name: 'stampSessionId',
    variables: ['TOKENTRAIL_STAMP_SESSION_ID'],
    default: 'false',
    what: 'Whether spans and log records without a `session.id` get ours under that name too.',
  },
  {
    name: 'endpoint',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    default: 'http://localhost:4318/v1/logs',
    what: 'OTLP/HTTP endpoint that records are delivered to.',
  },
  {
    name: 'headers',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    default: 'none',
    what: 'Headers of the delivery, e.g. an API key.',
    secret: true,
  },
  {
    name: 'timeoutMillis',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    default: '10000',
    what: 'Longest that one attempt of delivery may take, in milliseconds.',
  },
  {
    name: 'compression',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    default: 'gzip',
    what: 'Compression of the delivery: `gzip`, `zstd` or `none`.',
  },
  {
    name: 'certificateFile',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    default: 'the certificate authorities of Node.js',
    what: 'PEM file of the certificate authority that the endpoint is trusted by.',
  },
  {
    name: 'clientCertificateFile',
    variables: [
      'OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE',
      'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    ],
    default: 'none',
    what: 'PEM file of the certificate that the delivery proves itself with (mutual TLS).',
  },
  {
    name: 'clientKeyFile',
    variables: ['OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    default: 'none',
    what: 'PEM file of its private key.',
  },
  {
    name: 'resource',
    variables: ['OTEL_RESOURCE_ATTRIBUTES'],
    default: 'none',
    what: 'Attributes of the OTLP resource, `name=value` separated by commas.',
  },
  {
    name: 'serviceName',
    variables: ['OTEL_SERVICE_NAME'],
    default: '`service.name` of the resource, else `unknown_service:node`',
    what: 'Name of the service; the first part of its logs’ names.',
  },
])
