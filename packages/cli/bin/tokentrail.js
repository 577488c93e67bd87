#!/usr/bin/env node
import { existsSync } from 'node:fs'

const entry = new URL('../dist/main.js', import.meta.url)
if (existsSync(entry)) {
  const { runProcess } = await import(entry.href)
  await runProcess()
} else {
  console.error('tokentrail is not built; run "npm run build" in the repository first')
  process.exitCode = 1
}
