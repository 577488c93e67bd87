import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { useApp } from '../app-context.ts'
import { formatCount, formatPlural } from '../format.ts'
import type { LiveList } from '../live-list.ts'
import { ErrorNotice, FirstHourNotice, LoadingNotice, Notice } from './notice.tsx'

/** Further down than this the reader is reading: rows that come in above wait. */
const READING_PIXELS = 160

/** What a {@link LiveTable} shows. */
export interface LiveTableProps<Row> {
  readonly list: LiveList<Row>
  /** Noun for one row, e.g. `session`. */
  readonly noun: string
  readonly caption: string
  readonly head: readonly string[]
  readonly filtered: boolean
  readonly onClear: () => void
  /** Said when there are records, but no such row and no filter. */
  readonly empty: ComponentChildren
  readonly renderRow: (row: Row, fresh: boolean) => VNode
}

/** A table that takes in new rows without moving under the reader's pointer. */
export function LiveTable<Row>(props: LiveTableProps<Row>): VNode {
  const { list, noun } = props
  const frame = useHold(list)
  const { phase, error, next, total, loadingMore } = list.status.value
  const { shown, held, fresh } = list.rows.value
  if (phase === 'loading') return <LoadingNotice what={`${noun}s`} />
  if (phase === 'failed') {
    const onClear = props.filtered ? props.onClear : undefined
    return <ErrorNotice error={error} retry={() => list.reload()} onClear={onClear} />
  }
  if (shown.length === 0 && held.length === 0) return <EmptyNotice {...props} />
  const showHeld = (): void => {
    list.release()
    window.scrollTo({ top: 0 })
  }
  return (
    <div class="live-table" ref={frame}>
      <div class="table-note">
        <span>
          {formatPlural(shown.length, noun)} shown
          {total !== null &&
            ` of ${formatCount(total.count)}${total.capped ? ' or more' : ''} that match`}
        </span>
        {held.length > 0 && (
          <button type="button" class="button small held" onClick={showHeld}>
            Show {formatPlural(held.length, `more ${noun}`)}
          </button>
        )}
      </div>
      {error !== null && <p class="stale">Not up to date: the viewer does not answer.</p>}
      <div class="table-scroll">
        <table>
          <caption class="visually-hidden">{props.caption}</caption>
          <thead>
            <tr>
              {props.head.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{shown.map((row) => props.renderRow(row, fresh.has(list.keyOf(row))))}</tbody>
        </table>
      </div>
      {next !== null && (
        <button
          type="button"
          class="button more"
          disabled={loadingMore}
          onClick={() => list.more()}
        >
          {loadingMore ? 'Loading…' : `Older ${noun}s`}
        </button>
      )}
    </div>
  )
}

function EmptyNotice<Row>(props: LiveTableProps<Row>): VNode {
  const { overview } = useApp()
  if (props.filtered) {
    return (
      <Notice title={`No ${props.noun} matches these filters`}>
        <p>New ones that match will appear here by themselves.</p>
        <button type="button" class="button" onClick={props.onClear}>
          Clear filters
        </button>
      </Notice>
    )
  }
  if (overview.status.value?.records === 0) return <FirstHourNotice />
  return <Notice title={`No ${props.noun}s`}>{props.empty}</Notice>
}

/** Holds new rows back while the pointer or the focus is in the table, or the page scrolled down. */
function useHold<Row>(list: LiveList<Row>): (element: HTMLElement | null) => void {
  const frame = useRef<HTMLElement | null>(null)
  useEffect(() => {
    const decide = (): void => {
      const table = frame.current?.querySelector('tbody') ?? null
      const focused = table?.contains(document.activeElement) === true
      const hovered = table?.matches(':hover') === true
      list.setHold(focused || hovered || window.scrollY > READING_PIXELS)
    }
    const names = ['pointerover', 'pointerout', 'focusin', 'focusout', 'scroll'] as const
    for (const name of names) document.addEventListener(name, decide, { passive: true })
    return () => {
      for (const name of names) document.removeEventListener(name, decide)
    }
  }, [list])
  return (element) => {
    frame.current = element
  }
}
