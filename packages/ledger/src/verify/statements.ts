import type { CertificateKind } from '../certificate.ts'

/** Type of the record that says whose identity was erased. */
export const ERASED_TYPE = 'tokentrail.subject.erased'

/** Type of the record that says how many records could not be kept. */
export const LOSS_TYPE = 'tokentrail.recorder.loss'

/** Type of the record that says where a journal cannot be read. */
export const DAMAGE_TYPE = 'tokentrail.journal.damage'

/** Records that only a log with a certificate for them may hold. */
const STATEMENTS: { readonly [type: string]: CertificateKind } = {
  [ERASED_TYPE]: 'erasure',
  'tokentrail.registry.log': 'registry',
  'tokentrail.registry.head': 'registry',
  'tokentrail.log.witness': 'registry',
  'tokentrail.log.timestamp': 'registry',
}

/** Which kind of certificate a log must have to make a statement; `undefined` for other records. */
export function certificateKindFor(type: string): CertificateKind | undefined {
  return Object.hasOwn(STATEMENTS, type) ? STATEMENTS[type] : undefined
}
