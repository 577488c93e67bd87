import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { ACCOUNTS } from './accounts.ts'

const INTERACTION_PATH = /^\/interaction\/[\w-]+$/
const MAX_FORM_BYTES = 4096

const page = (message: string) => `<!doctype html><html lang="en"><meta charset="utf-8">
<title>Sign in</title><h1>Sign in</h1><p>${message}</p>
<form method="post"><label>User <input name="login" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form></html>`

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > MAX_FORM_BYTES) break
  }
  return new URLSearchParams(body.slice(0, MAX_FORM_BYTES))
}

function samePassword(given: string, expected: string): boolean {
  const left = Buffer.from(given)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}

function answerPage(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page(message))
}

/** Answers the sign-in page of the authorization code flow; says whether the request was its. */
export async function handleSignIn(
  provider: Provider,
  password: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  if (!INTERACTION_PATH.test(path)) return false
  await provider.interactionDetails(request, response)
  if (request.method !== 'POST') {
    answerPage(response, 200, 'Tokentrail quick start')
    return true
  }
  const form = await readForm(request)
  const accountId = form.get('login') ?? ''
  if (!ACCOUNTS.includes(accountId) || !samePassword(form.get('password') ?? '', password)) {
    answerPage(response, 401, 'Unknown user or wrong password.')
    return true
  }
  const login = { accountId, amr: ['pwd'] }
  await provider.interactionFinished(request, response, { login, consent: {} })
  return true
}
