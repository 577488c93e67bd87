import { signal } from '@preact/signals'
import { render } from 'preact'

import { createApi } from './api.ts'
import { AppContext, type App } from './app-context.ts'
import { AppShell } from './app.tsx'
import { startClock } from './clock.ts'
import { followHash } from './hash-location.ts'
import { LiveStream } from './live-stream.ts'
import { followOverview } from './overview.ts'
import { createTimeFormat } from './time.ts'

const api = createApi(window.fetch.bind(window))
const live = new LiveStream({ open: () => new EventSource('/api/live') })
const app: App = {
  api,
  live,
  location: followHash(window),
  overview: followOverview(api, live),
  time: createTimeFormat(),
  now: startClock(),
  paused: signal(false),
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') live.suspend()
  else live.resume()
})

const root = document.querySelector('#app')
if (root === null) throw new TypeError('"#app" must be in the page')
render(
  <AppContext.Provider value={app}>
    <AppShell />
  </AppContext.Provider>,
  root,
)
