import type { verifyCertificate } from '@tokentrail/ledger'

/** Public key of a root that log certificates are trusted by: an Ed25519 JWK. */
export type RootKey = Parameters<typeof verifyCertificate>[1][number]
