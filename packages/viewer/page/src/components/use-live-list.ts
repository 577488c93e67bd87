import { useEffect, useMemo } from 'preact/hooks'

import type { LiveChange } from '../../../src/api-types.ts'
import { useApp } from '../app-context.ts'
import { LiveList, type ListSource } from '../live-list.ts'

/**
 * Keeps a live list for as long as a component stands.
 *
 * @param key - Names what is listed; another key starts from nothing.
 * @param keysOf - Keys of the rows that a change concerns; empty when it concerns none.
 */
export function useLiveList<Row>(
  key: string,
  makeSource: () => ListSource<Row>,
  keysOf: (change: LiveChange) => readonly string[],
): LiveList<Row> {
  const { live, paused } = useApp()
  const list = useMemo(() => new LiveList(makeSource()), [key])
  const still = paused.value
  useEffect(() => () => list.close(), [list])
  useEffect(() => {
    if (still) return () => list.change(null)
    return live.subscribe((change) => {
      if (change === null) return list.change(null)
      const keys = keysOf(change)
      if (keys.length > 0) list.change(keys)
    })
  }, [list, live, still])
  return list
}
