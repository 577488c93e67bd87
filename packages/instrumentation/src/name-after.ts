/** The part of a function that tells it from others. */
interface Named {
  readonly name: string
  readonly length: number
}

/** Gives a wrapper the `name` and `length` of what it stands for; returns the wrapper. */
export function nameAfter<Wrapper extends Named>(wrapper: Wrapper, original: Named): Wrapper {
  const { length, name } = original
  if (wrapper.length === length && wrapper.name === name) return wrapper
  return Object.defineProperties(wrapper, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  })
}
