import type { ReadonlySignal, Signal } from '@preact/signals'
import { createContext, type Context } from 'preact'
import { useContext } from 'preact/hooks'

import type { Api } from './api.ts'
import type { HashLocation } from './hash-location.ts'
import type { LiveStream } from './live-stream.ts'
import type { Overview } from './overview.ts'
import type { TimeFormat } from './time.ts'

/** What every view may use. Made once in `main.tsx`. */
export interface App {
  readonly api: Api
  readonly live: LiveStream
  readonly location: HashLocation
  readonly overview: Overview
  readonly time: TimeFormat
  readonly now: ReadonlySignal<number>
  /** Set by the reader to keep the page still. */
  readonly paused: Signal<boolean>
}

/** Carries the {@link App}; `null` only outside of it. */
export const AppContext: Context<App | null> = createContext<App | null>(null)

/** Gives the {@link App} that the component stands in. */
export function useApp(): App {
  const app = useContext(AppContext)
  if (app === null) throw new TypeError('"useApp" must be called inside the application')
  return app
}
