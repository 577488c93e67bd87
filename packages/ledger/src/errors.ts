/** Codes of {@link LedgerError}. A code is never renamed. */
export type LedgerErrorCode =
  | 'ERR_LEDGER_ENCODING_INVALID'
  | 'ERR_LEDGER_PROOF_INVALID'
  | 'ERR_LEDGER_NOTE_MALFORMED'
  | 'ERR_LEDGER_KEY_MALFORMED'
  | 'ERR_LEDGER_SIGNATURE_INVALID'
  | 'ERR_LEDGER_CHECKPOINT_MALFORMED'
  | 'ERR_LEDGER_RECORD_MALFORMED'
  | 'ERR_LEDGER_CERTIFICATE_INVALID'
  | 'ERR_LEDGER_BUNDLE_MALFORMED'

/** Thrown when evidence does not hold or has no valid form. Switch on {@link LedgerError.code}. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError'
  readonly code: LedgerErrorCode

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
