/** How a session's key was made: the first rule whose parts were all known and verified. */
export type SessionDerivation = 'sid' | 'grant' | 'auth_time' | 'token'

/** What kind of subject a token speaks for. */
export type SubjectType = 'user' | 'client' | 'agent' | 'unknown'

/** A person, by pseudonym; the clear name is known only while an identity record is at hand. */
export interface UserReference {
  /** Keyed pseudonym of the subject (`user.hash`). */
  readonly hash: string
  /** Clear value of the subject, else `null`. */
  readonly name: string | null
}

/** Start or end of a session: seen by a recorder, or derived by the sessionizer. */
export interface SessionBoundary {
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  /** Start: `issuance`, `auth_time`, `first_seen`. End: `logout`, `revoked`, `expired`, `idle` … */
  readonly reason: string
  /** Whether the sessionizer derived it. A seen boundary is preferred to a derived one. */
  readonly derived: boolean
}

/** What is known of one session, over all logs. */
export interface SessionSummary {
  /** Session key, the same in every process that shares the pseudonym key. */
  readonly id: string
  readonly derivation: SessionDerivation | null
  readonly user: UserReference | null
  readonly subjectType: SubjectType | null
  readonly client: string | null
  readonly issuer: string | null
  readonly start: SessionBoundary | null
  readonly end: SessionBoundary | null
  /** Whether the session has no end after its last sign of life. */
  readonly active: boolean
  /** Requests, refused ones included. */
  readonly requests: number
  readonly rejections: number
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly firstSeen: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly lastSeen: string
  readonly scopes: readonly string[]
  readonly services: readonly string[]
  readonly frameworks: readonly string[]
}

/** One record as a row: every value is read from its canonical text. */
export interface RecordRow {
  /** `<log>.<index>`, the one id on the wire. */
  readonly uid: string
  /** Origin of the log. */
  readonly log: string
  readonly index: number
  /** Event name, e.g. `oauth.request`. */
  readonly type: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly session: string | null
  readonly user: UserReference | null
  readonly client: string | null
  readonly method: string | null
  /** Route template, else the path. */
  readonly route: string | null
  readonly status: number | null
  readonly decision: 'allow' | 'deny' | null
  /** Rejection reason, or the reason of a session's start or end. */
  readonly reason: string | null
  /** OAuth error code as sent, e.g. `invalid_token`. */
  readonly errorCode: string | null
  readonly scopes: readonly string[]
  readonly missingScopes: readonly string[]
  readonly frameworks: readonly string[]
  readonly trace: string | null
  readonly span: string | null
  /** Keyed fingerprint of the token. */
  readonly token: string | null
  /** First part of the log's origin, decoded. */
  readonly service: string
  /** Clear when an identity record is at hand, else the pseudonym. */
  readonly address: string | null
  /** Clear when an identity record is at hand, else the family name. */
  readonly userAgent: string | null
}

/** What is known of one token from `oauth.token.observed`, joined by its fingerprint. */
export interface TokenFacts {
  readonly fingerprint: string
  /** Kind of token, e.g. `access_token`. */
  readonly type: string | null
  readonly format: 'jwt' | 'opaque' | null
  readonly issuer: string | null
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  /** ISO 8601. */
  readonly issuedAt: string | null
  /** ISO 8601. */
  readonly expiresAt: string | null
  readonly keyId: string | null
  readonly algorithm: string | null
  readonly subjectType: SubjectType | null
  /** `jwt`, `introspection`, `lookup` or `recorder`. */
  readonly validationMethod: string | null
  /** ISO 8601. */
  readonly authenticationTime: string | null
  /** Authentication context class. */
  readonly acr: string | null
  /** Authentication methods. */
  readonly amr: readonly string[]
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly firstSeen: string
}

/** Certificate of the key that signs a log. */
export interface LogCertificate {
  readonly issuer: string
  readonly keyId: string
  /** ISO 8601. */
  readonly notBefore: string
  /** ISO 8601. */
  readonly notAfter: string
  /** Whether the root key was made by the same installation, so its holder could back-date a log. */
  readonly selfIssued: boolean
}

/** Whether and how one record is proven to stand unaltered in its log. */
export interface RecordProof {
  /** `pending`: no signed head covers the record yet, and nothing speaks against it. */
  readonly state: 'proven' | 'pending' | 'broken'
  /** Leaf hash, hex. */
  readonly leaf: string
  readonly index: number
  /** Size of the signed head that the path leads to; 0 while pending. */
  readonly treeSize: number
  /** Inclusion path from the leaf to the root, hex. */
  readonly path: readonly string[]
  /** Root of the signed head, hex; empty while pending. */
  readonly root: string
  /** Signed note (C2SP) of that head. */
  readonly note: string | null
  /** Nanoseconds since 1970 UTC, decimal: cosignature time of the head. */
  readonly signedAt: string | null
  readonly certificate: LogCertificate | null
  /** Plain sentences, in reading order. */
  readonly explanation: readonly string[]
  /** Findings about this record, in words. */
  readonly findings: readonly string[]
}

/** One finding about a log. */
export interface LogFinding {
  /** Verdict name, e.g. `ALTERED`, `FORGED_DUP`. */
  readonly verdict: string
  readonly index?: number
  readonly message: string
}

/** Live state of one log. */
export interface LogState {
  readonly origin: string
  readonly service: string
  readonly slot: string
  /** Records that have arrived. */
  readonly records: number
  /** Records from index 0 without a hole, those that are lost included. */
  readonly size: number
  /** Records that its successor says are lost. */
  readonly lost: number
  /** Size of the newest validly signed head. */
  readonly signedSize: number
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly signedAt: string | null
  /** `unsealed`: no end was seen and no sign of life for longer than a running log stays silent. */
  readonly state: 'sealed' | 'running' | 'unsealed' | 'broken'
  readonly findings: readonly LogFinding[]
  readonly selfIssued: boolean
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly openedAt: string | null
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly lastRecordAt: string | null
  /** Seconds from the last signed head to the next sign of life; 0 for a sealed log. */
  readonly unsealedSeconds: number
}

/** Two signed statements that cannot both be true, as the registry has seen them. */
export interface RegistryAlarm {
  /** `log`: two heads of a log; `witness`: a witness holds another head of the registry itself. */
  readonly kind: 'log' | 'witness'
  /** Origin of the log, or name of the witness. */
  readonly subject: string
  /** One sentence, without a full stop. */
  readonly message: string
  /** Nanoseconds since 1970 UTC, decimal, when it was seen. */
  readonly time: string | null
}

/** `GET /api/status`. */
export interface StatusResponse {
  readonly records: number
  readonly logs: number
  readonly sessions: number
  readonly rejections: number
  readonly startedAtMillis: number
  readonly version: string
  readonly otlpUrl: string
  /** The registry's alarms, where one runs here: the newest first, at most 50. */
  readonly alarms: readonly RegistryAlarm[]
  /** All of them. */
  readonly alarmCount: number
}

/** `GET /api/sessions`, the session last seen first. */
export interface SessionsResponse {
  readonly sessions: readonly SessionSummary[]
  /** Cursor for `before`, `null` on the last page. */
  readonly next: string | null
}

/** `GET /api/sessions/:id`. */
export interface SessionResponse {
  readonly session: SessionSummary
  readonly tokens: readonly TokenFacts[]
  /** Oldest first, at most 1000. */
  readonly records: readonly RecordRow[]
}

/** `GET /api/records`, newest first. */
export interface RecordsResponse {
  readonly records: readonly RecordRow[]
  /** Cursor for `before`, `null` on the last page. */
  readonly next: string | null
  /** Number of matches; exact unless {@link RecordsResponse.capped}. */
  readonly count: number
  /** Whether counting stopped at the cap: there are at least `count` matches. */
  readonly capped: boolean
}

/** `GET /api/records/:uid`. */
export interface RecordResponse {
  readonly record: RecordRow
  /** Canonical text: the evidence. */
  readonly text: string
  readonly proof: RecordProof
}

/** `GET /api/logs`. */
export interface LogsResponse {
  /** Newest first: every log that is not sealed or has a finding, and the last 1,000 others. */
  readonly logs: readonly LogState[]
  /** Sealed logs without a finding that are not listed. */
  readonly omitted: number
}

/** Data of `event: change` on `GET /api/live`. */
export interface LiveChange {
  /** At most 50, newest last. */
  readonly records: readonly RecordRow[]
  /** Ids of the sessions that changed. */
  readonly sessions: readonly string[]
  /** Origins of the logs that changed. */
  readonly logs: readonly string[]
}

/** Body of every answer that is no success. */
export interface ErrorResponse {
  readonly error: { readonly code: string; readonly message: string }
}
