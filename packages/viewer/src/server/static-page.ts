import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
}

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tokentrail</title>
<h1>The page is not built</h1>
<p>Run <code>npm start</code> in the repository, or <code>npm run build</code>, then load this page again.
The API answers meanwhile: <a href="/api/status">/api/status</a>.</p></html>`

/**
 * Sends a file of the built page; `/` is the page itself.
 *
 * @param directory - Folder of the built page.
 * @param path - Path of the request, percent-decoded.
 */
export async function sendPage(
  response: ServerResponse,
  directory: string,
  path: string,
): Promise<void> {
  const name = path === '/' ? 'index.html' : path
  const file = normalize(join(directory, name))
  const type = TYPES[extname(file)]
  const isInside = file.startsWith(normalize(directory) + sep)
  const content = isInside && type !== undefined ? await read(file) : undefined
  if (content !== undefined && type !== undefined) {
    // Built assets carry a hash in their name, the page itself does not.
    const isHashed = path.startsWith('/assets/')
    const caching = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
    response.writeHead(200, { 'content-type': type, 'cache-control': caching })
    response.end(content)
  } else if (name === 'index.html') {
    response.writeHead(200, { 'content-type': TYPES['.html'], 'cache-control': 'no-store' })
    response.end(NOT_BUILT)
  } else {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('not found')
  }
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch {
    return undefined
  }
}
