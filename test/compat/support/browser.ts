/** As much of a browser as a sign-in needs: cookies and redirects. */
export interface Browser {
  /**
   * Follows redirects until one leaves the server or something else is answered.
   *
   * @returns Where the server sent the browser, or the page that it answered.
   */
  open(url: URL | string, form?: Readonly<Record<string, string>>): Promise<Visited>
  /** Values of every cookie that was ever set. */
  readonly cookies: ReadonlySet<string>
}

export interface Visited {
  readonly url: URL
  readonly status: number
  readonly page: string
}

const MAX_REDIRECTS = 12

/** Creates a browser with an empty jar for one server. */
export function createBrowser(): Browser {
  const jar = new Map<string, string>()
  const cookies = new Set<string>()

  function remember(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const value = pair.slice(at + 1)
      if (value === '') jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), value)
      if (value.length > 8) cookies.add(value)
    }
  }

  async function send(url: URL, form?: Readonly<Record<string, string>>): Promise<Response> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const body = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
    const response = await fetch(url, { ...body, redirect: 'manual', headers: { cookie } })
    remember(response)
    return response
  }

  return {
    cookies,
    async open(start, form) {
      let url = new URL(start)
      const { origin } = url
      let response = await send(url, form)
      for (let hop = 0; hop < MAX_REDIRECTS; hop += 1) {
        const location = response.headers.get('location')
        if (location === null) break
        await response.body?.cancel()
        url = new URL(location, url)
        if (url.origin !== origin) return { url, status: response.status, page: '' }
        response = await send(url)
      }
      return { url, status: response.status, page: await response.text() }
    },
  }
}

/** The value of a hidden field of a page's form. */
export function fieldOf({ page }: Visited, name: string): string {
  return new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? ''
}
