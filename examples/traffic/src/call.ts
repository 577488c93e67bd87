/** Who calls: shows in the records as the user agent. */
export type UserAgent = keyof typeof USER_AGENTS

const USER_AGENTS = {
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  chrome:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  curl: 'curl/8.11.0',
  kiosk: 'kiosk/3.2',
} as const

const TIMEOUT_MILLIS = 10_000

/** Calls the API with a token and says with which status it answered. */
export async function call(
  api: string,
  path: string,
  token: string | undefined,
  options: { readonly method?: string; readonly agent?: UserAgent } = {},
): Promise<number> {
  const response = await fetch(new URL(path, api), {
    method: options.method ?? 'GET',
    headers: {
      'user-agent': USER_AGENTS[options.agent ?? 'firefox'],
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  })
  await response.arrayBuffer()
  return response.status
}
