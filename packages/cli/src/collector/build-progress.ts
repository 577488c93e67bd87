import { isDownload, isPackagePath } from './explain-build-failure.ts'

/** Repeats an action until it is stopped; the default uses `setInterval`. */
export type Ticker = (action: () => void, intervalMillis: number) => () => void

/** Follows a build and says now and then how far it is. */
export interface BuildProgress {
  /** Takes one line of `go build -v`. */
  readonly see: (line: string) => void
  readonly stop: () => void
}

/** How {@link followBuild} reports. */
export interface BuildProgressOptions {
  readonly report: (line: string) => void
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  readonly ticker: Ticker
}

/** Between two lines a reader should neither wonder whether it hangs nor be flooded. */
const REPORT_INTERVAL_MILLIS = 5_000

/** A {@link Ticker} on a timer that keeps no process alive. */
export const startTicker: Ticker = (action, intervalMillis) => {
  const timer = setInterval(action, intervalMillis).unref()
  return () => clearInterval(timer)
}

/** Starts to follow a build. */
export function followBuild({ report, now, ticker }: BuildProgressOptions): BuildProgress {
  const startedAt = now()
  let downloads = 0
  let packages = 0
  const stop = ticker(() => {
    const seconds = Math.round((now() - startedAt) / 1_000)
    const done = [
      ...(downloads > 0 ? [`${downloads} modules downloaded`] : []),
      ...(packages > 0 ? [`${packages} packages compiled`] : []),
    ]
    report(`building the collector: ${[`${seconds} s`, ...done].join(', ')}`)
  }, REPORT_INTERVAL_MILLIS)
  return {
    see: (line) => {
      if (isDownload(line)) downloads += 1
      else if (isPackagePath(line)) packages += 1
    },
    stop,
  }
}
