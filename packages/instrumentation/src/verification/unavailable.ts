/** Why an issuer's answer could not be had. Never leaves this folder but as a state's reason. */
export class IssuerUnavailable extends Error {
  override readonly name: string = 'IssuerUnavailable'
  /** Status that it answered instead; undefined where it gave none. */
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}
