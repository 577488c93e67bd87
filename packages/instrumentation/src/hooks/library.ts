import type { EventFacts, TokenRejection, VerifiedToken } from '@tokentrail/session'
import type { Outcome } from './outcome.ts'
import type { Watch } from './watch/watch.ts'

/** What a hooked function was given, and how it ended. */
export interface ObservedCall {
  /** `this` of the call. */
  readonly self: unknown
  readonly args: readonly unknown[]
  readonly outcome: Outcome
}

/** What a hook may know of the request that is being served. */
export interface HookedRequest {
  /** Token of the `Authorization` header; undefined outside of a request too. */
  readonly token: string | undefined
  /** Tokens to remember between two calls of a library, by an object that both calls see. */
  readonly notes: WeakMap<object, string>
}

/**
 * What a call says. Of a token that is not the request's nothing is kept, so a hook need not look
 * whose token it was. Undefined when the call says nothing.
 *
 * - `verified`: the token is good, and these are its claims;
 * - `rejection`: why it was refused;
 * - `event`: an authorization server, or a client with sessions of its own, did something;
 * - `session`: no token was presented, but the request's session stands for this one;
 * - `route`: template of the route that the framework chose, e.g. `/v1/orders/:id`.
 */
export type ObservedFact =
  | { readonly verified: VerifiedToken }
  | { readonly rejection: TokenRejection }
  | { readonly event: EventFacts }
  | { readonly session: VerifiedToken }
  | { readonly route: string }
  | undefined

/**
 * Gives what a listener learned to the request that is being served. Reading it may fail: that is
 * counted and reaches nobody.
 */
export type ReportFacts = (read: () => readonly ObservedFact[]) => void

interface HookTarget {
  /**
   * Where the function is, from the module's exports on, or from their `default`: `jwtVerify`,
   * `Jwt.verify`, `Strategy.prototype.authenticate`; `default` when the module is the function. The
   * record names the hook `<library>.<exportName>`.
   */
  readonly exportName: string
  /**
   * Files, relative to the package, that have this export too: applications import them directly,
   * or the main module only passes them on.
   */
  readonly files?: readonly string[]
}

/** A function whose calls tell something about a token. */
export interface CallHook extends HookTarget {
  /**
   * Reads a call that is over. It sees the application's own objects and must not change them; it
   * copies by {@link copyClaims} and reads of an error only codes and names. Pure but for `notes`.
   *
   * @param hook - The hook's name, for the fact.
   */
  observe(call: ObservedCall, request: HookedRequest, hook: string): ObservedFact
  /** Where the outcome of a call shows. Default is `watchResult`: result, promise or exception. */
  readonly watch?: Watch
}

/** A method of an object that tells by events what it does. */
export interface ListeningHook extends HookTarget {
  /** Listens to `this` of the first call on each object. The call itself goes on untouched. */
  listen(target: object, report: ReportFacts, hook: string): void
}

/** One function of a library. */
export type LibraryHook = CallHook | ListeningHook

/** A library that can be hooked: adding one takes such an object and a line in the table. */
export interface LibraryDefinition {
  /** Name in configuration and records. */
  readonly name: string
  /** Name of the npm package. */
  readonly module: string
  /** Supported versions, bounded from above: a new major version is read before it is hooked. */
  readonly versions: readonly string[]
  readonly hooks: readonly LibraryHook[]
  /** Whether the hooks are in their `files` alone: the main module may be loaded without them. */
  readonly onlyInFiles?: true
  /** Whether the package has no main module that can be `require`d. */
  readonly withoutMain?: true
}
