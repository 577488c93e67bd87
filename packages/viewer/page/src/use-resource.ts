import { useEffect, useRef, useState } from 'preact/hooks'

import type { LiveChange } from '../../src/api-types.ts'
import { useApp } from './app-context.ts'
import { createCoalescer, type Coalescer } from './coalesce.ts'

/** Something loaded from the API. What was loaded stays while it is loaded anew. */
export interface Resource<T> {
  readonly value: T | null
  readonly error: unknown
  readonly reload: () => void
}

/** Least time between two loads of the same thing. */
const GAP_MILLIS = 400

/**
 * Loads something for as long as a component stands, and again when a live change concerns it.
 *
 * @param key - Names what is loaded; another key starts from nothing.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  isConcerned: (change: LiveChange) => boolean,
): Resource<T> {
  const { live, paused } = useApp()
  const [loaded, setLoaded] = useState<{ key: string; value: T | null; error: unknown } | null>(
    null,
  )
  const latest = useRef({ load, isConcerned })
  latest.current = { load, isConcerned }
  const loading = useRef<Coalescer | null>(null)
  const wasStill = useRef(false)
  const still = paused.value
  useEffect(() => {
    const abort = new AbortController()
    const run = async (): Promise<void> => {
      try {
        const value = await latest.current.load(abort.signal)
        if (!abort.signal.aborted) setLoaded({ key, value, error: null })
      } catch (error) {
        if (abort.signal.aborted) return
        setLoaded((old) => ({ key, value: old?.key === key ? old.value : null, error }))
      }
    }
    const coalescer = createCoalescer(run, GAP_MILLIS)
    loading.current = coalescer
    coalescer.request()
    return () => {
      abort.abort()
      coalescer.cancel()
    }
  }, [key])
  useEffect(() => {
    if (still) {
      wasStill.current = true
      return
    }
    if (wasStill.current) loading.current?.request()
    wasStill.current = false
    return live.subscribe((change) => {
      if (change === null || latest.current.isConcerned(change)) loading.current?.request()
    })
  }, [key, still, live])
  const current = loaded?.key === key ? loaded : null
  return {
    value: current?.value ?? null,
    error: current?.error ?? null,
    reload: () => loading.current?.request(),
  }
}
