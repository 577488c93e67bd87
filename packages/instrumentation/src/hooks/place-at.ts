import { type Holder, isHolder } from './find-target.ts'

/**
 * Puts a value at a path of members. What cannot be changed on the way, such as the namespace of an
 * ES module, or a CommonJS module with fixed getters ("Cannot redefine property"), is replaced by a
 * plain copy; a function or class never is.
 *
 * @returns The holder to use from now on; undefined when the value cannot be put there.
 */
export function placeAt(holder: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (!isHolder(holder)) return undefined
  const member = holder[name]
  const placed = placeAt(member, rest, value)
  if (placed === undefined) return undefined
  return placed === member ? holder : setMember(holder, name, placed)
}

function setMember(holder: Holder, name: string, value: unknown): Holder | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name)
  // Assignment, which import-in-the-middle intercepts; it keeps the property's other traits.
  const assignable = descriptor === undefined || descriptor.writable === true
  if (assignable && Reflect.set(holder, name, value)) return holder
  const { enumerable = true } = descriptor ?? {}
  const property = { value, enumerable, configurable: true, writable: true }
  if (Reflect.defineProperty(holder, name, property)) return holder
  return typeof holder === 'function'
    ? undefined
    : Object.defineProperty(copyOf(holder), name, property)
}

function copyOf(holder: Holder): Holder {
  const descriptors = Object.getOwnPropertyDescriptors(holder)
  for (const descriptor of Object.values(descriptors)) descriptor.configurable = true
  return Object.defineProperties({}, descriptors)
}
