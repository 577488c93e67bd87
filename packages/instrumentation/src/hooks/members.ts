import { isObject } from '../libraries/claims.ts'

/** Reads a member of a library's object by its path; undefined where something is missing. */
export function readMember(from: unknown, ...path: readonly string[]): unknown {
  let value = from
  for (const name of path) {
    if (!isObject(value)) return undefined
    value = value[name]
  }
  return value
}

/** Reads a member that is a text and not empty. */
export function readString(from: unknown, ...path: readonly string[]): string | undefined {
  const value = readMember(from, ...path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Gives the members that are there. */
export function compact<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: Exclude<Members[Name], undefined>
  }
}
