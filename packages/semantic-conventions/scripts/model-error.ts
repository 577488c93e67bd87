/**
 * - `ERR_MODEL_SYNTAX`: not YAML, or a member is missing, unknown or of the wrong type
 * - `ERR_MODEL_NAME`: a name breaks a naming rule
 * - `ERR_MODEL_REFERENCE`: a reference leads nowhere, or leads twice to one attribute
 */
export type ModelErrorCode = 'ERR_MODEL_SYNTAX' | 'ERR_MODEL_NAME' | 'ERR_MODEL_REFERENCE'

/** Thrown when the registry cannot be used. The message names the file, the key and the remedy. */
export class ModelError extends Error {
  override readonly name: string = 'ModelError'
  readonly code: ModelErrorCode
  constructor(code: ModelErrorCode, place: Place, problem: string, remedy: string) {
    super(`${place.file}: ${place.key}: ${problem}; ${remedy}`)
    this.code = code
  }
}

/** Where in the registry something stands. */
export interface Place {
  /** File name relative to `model/`. */
  readonly file: string
  /** Key within it, e.g. `attributes.oauth.client.id.type`. */
  readonly key: string
}
