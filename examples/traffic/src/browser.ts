/** As much of a browser as a sign-in needs: cookies, redirects and one form. */
export interface Browser {
  get(url: URL): Promise<Response>
  post(url: URL, form: Record<string, string>): Promise<Response>
}

/** Creates a browser with an empty cookie jar for one origin. */
export function createBrowser(): Browser {
  const cookies = new Map<string, string>()

  const remember = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
  const send = async (url: URL, init: RequestInit): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    remember(response)
    return response
  }
  return {
    get: (url) => send(url, {}),
    post: (url, form) => send(url, { method: 'POST', body: new URLSearchParams(form) }),
  }
}
