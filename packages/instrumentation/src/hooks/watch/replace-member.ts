/**
 * Replaces a member of an object for a while. An object that does not allow it stays as it is.
 *
 * @returns Puts the object back as it was; harmless when called again.
 */
export function replaceMember(holder: object, name: string, value: unknown): () => void {
  const own = Reflect.getOwnPropertyDescriptor(holder, name)
  const { enumerable = false } = own ?? {}
  Reflect.defineProperty(holder, name, { value, configurable: true, writable: true, enumerable })
  return () => {
    if (Reflect.getOwnPropertyDescriptor(holder, name)?.value !== value) return
    if (own === undefined) Reflect.deleteProperty(holder, name)
    else Reflect.defineProperty(holder, name, own)
  }
}
