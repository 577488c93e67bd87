import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A browser of this machine: `TOKENTRAIL_CHROMIUM`, else one on the usual paths. */
export function findChromium(): string | undefined {
  return [process.env['TOKENTRAIL_CHROMIUM'] ?? '', ...PLACES].find(
    (path) => path !== '' && existsSync(path),
  )
}

/** Starts a browser that asks nobody on the network for anything of its own accord. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
