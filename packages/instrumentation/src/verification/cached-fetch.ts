import type { Clock } from '@tokentrail/session'
import { IssuerUnavailable } from './unavailable.ts'

/** How long something fetched from an issuer is good for, in milliseconds. */
export interface CacheTimes {
  /** From then on it is fetched anew. */
  readonly freshMillis: number
  /** Until then it still counts where it cannot be fetched anew. */
  readonly staleMillis: number
  /** Shortest time between two attempts, whatever came of the first. */
  readonly cooldownMillis: number
}

/**
 * Something of an issuer that is fetched when it is needed, kept for a while, and fetched by one
 * request however many ask. Owned by one issuer's verification.
 */
export class CachedFetch<Value> {
  readonly #load: () => Promise<Value>
  readonly #clock: Clock
  readonly #times: CacheTimes
  #value: Value | undefined
  #fetchedAt: number | undefined
  #triedAt: number | undefined
  #failure: IssuerUnavailable | undefined
  #loading: Promise<Value> | undefined

  constructor(load: () => Promise<Value>, clock: Clock, times: CacheTimes) {
    this.#load = load
    this.#clock = clock
    this.#times = times
  }

  /** When it was last fetched, in milliseconds since 1970; undefined before that. */
  get fetchedAt(): number | undefined {
    return this.#fetchedAt
  }

  /** Whether a fetch would be an attempt now: the last one is long enough ago. */
  get isDue(): boolean {
    if (this.#loading !== undefined || this.#triedAt === undefined) return true
    return Math.abs(this.#now() - this.#triedAt) >= this.#times.cooldownMillis
  }

  /** What is kept, whatever its age. */
  get current(): Value | undefined {
    return this.#value
  }

  /** @throws {IssuerUnavailable} When there is none and none can be had now. */
  async get(): Promise<Value> {
    const age = this.#age()
    const value = this.#value
    if (value !== undefined && age < this.#times.freshMillis) return value
    try {
      return await this.refetch()
    } catch (error) {
      if (value !== undefined && age < this.#times.staleMillis) return value
      throw error
    }
  }

  /**
   * Fetches anew, or joins who does already.
   *
   * @throws {IssuerUnavailable} When it fails, and when the last attempt was too short a time ago.
   */
  async refetch(): Promise<Value> {
    if (!this.isDue) throw this.#failure ?? new IssuerUnavailable('it was asked a moment ago')
    this.#loading ??= this.#tryLoad().finally(() => (this.#loading = undefined))
    return this.#loading
  }

  async #tryLoad(): Promise<Value> {
    this.#triedAt = this.#now()
    try {
      this.#value = await this.#load()
      this.#fetchedAt = this.#now()
      this.#failure = undefined
      return this.#value
    } catch (error) {
      this.#failure =
        error instanceof IssuerUnavailable ? error : new IssuerUnavailable('its answer is no use')
      throw this.#failure
    }
  }

  /** A clock that went back makes everything old: then it is fetched anew. */
  #age(): number {
    return this.#fetchedAt === undefined ? Infinity : Math.abs(this.#now() - this.#fetchedAt)
  }

  #now(): number {
    return Number(this.#clock.unixNanos() / 1_000_000n)
  }
}
