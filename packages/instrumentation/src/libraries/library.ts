import type { TokenRejection, VerifiedToken } from '@tokentrail/session'

/** What a hooked function was given, and how it ended. */
export interface ObservedCall {
  readonly args: readonly unknown[]
  readonly outcome:
    | { readonly kind: 'returned'; readonly value: unknown }
    | { readonly kind: 'threw'; readonly error: unknown }
}

/** What a hook may know of the request that is being served. */
export interface HookedRequest {
  /** Token of the `Authorization` header. */
  readonly token: string | undefined
  /** Tokens to remember between two calls of a library, by an object that both calls see. */
  readonly notes: WeakMap<object, string>
}

/** What a call says about a token; undefined when it says nothing. */
export type ObservedFact =
  { readonly verified: VerifiedToken } | { readonly rejection: TokenRejection } | undefined

/** One exported function of a library. */
export interface LibraryHook {
  /** Name of the export. The record names the hook `<library>.<export>`. */
  readonly exportName: string
  /** Files, relative to the package, that applications import directly for this export. */
  readonly files?: readonly string[]
  /**
   * Reads a call that is over. It sees the application's own objects and must not change them; it
   * copies by {@link copyClaims} and reads of an error only codes and names. Pure but for `notes`.
   *
   * @param hook - The hook's name, for the fact.
   */
  observe(call: ObservedCall, request: HookedRequest, hook: string): ObservedFact
}

/** A library that can be hooked: adding one takes such an object and a line in the table. */
export interface LibraryDefinition {
  /** Name in configuration and records. */
  readonly name: string
  /** Name of the npm package. */
  readonly module: string
  /** Supported versions, bounded from above: a new major version is read before it is hooked. */
  readonly versions: readonly string[]
  readonly hooks: readonly LibraryHook[]
}
