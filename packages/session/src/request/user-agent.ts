/** Families in the order of look-up: Edge also says Chrome, and Chrome also says Safari. */
const FAMILIES: readonly (readonly [mark: string, family: string])[] = [
  ['Edg/', 'Edge'],
  ['EdgA/', 'Edge'],
  ['EdgiOS/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
  ['Wget/', 'Wget'],
  ['PostmanRuntime/', 'Postman'],
  ['insomnia/', 'Insomnia'],
  ['axios/', 'axios'],
  ['node-fetch', 'node-fetch'],
  ['undici', 'undici'],
  ['python-requests/', 'python-requests'],
  ['python-httpx/', 'python-httpx'],
  ['aiohttp/', 'aiohttp'],
  ['okhttp/', 'okhttp'],
  ['Go-http-client/', 'Go-http-client'],
  ['Java/', 'Java'],
  ['Apache-HttpClient/', 'Apache-HttpClient'],
]

/** Longest part of a user agent that is looked at. */
const MAX_LENGTH = 512

/**
 * Names the family of a user agent (`user_agent.name`): one of a small fixed table, else `other`,
 * so that nothing of the text itself is recorded. Node's own `fetch` says just `node`.
 */
export function userAgentFamily(userAgent: string): string {
  const text = userAgent.slice(0, MAX_LENGTH)
  if (text === 'node' || text.startsWith('node/')) return 'node'
  for (const [mark, family] of FAMILIES) if (text.includes(mark)) return family
  return 'other'
}

/** A JWT, or a run of characters longer than any product name or UUID. */
const CREDENTIAL = /eyJ[\w-]{8,}\.[\w-]|[\w+=-]{40}/

/**
 * Says whether a user agent may hold a credential: some programs put an API key there. Its clear
 * text must not be kept then.
 */
export function mayHoldCredential(userAgent: string): boolean {
  return CREDENTIAL.test(userAgent)
}
