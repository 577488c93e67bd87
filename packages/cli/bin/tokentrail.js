#!/usr/bin/env node
import { existsSync } from 'node:fs'

const entry = new URL('../dist/main.js', import.meta.url)
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`tokentrail needs Node.js 22.15 or newer, and this is ${process.versions.node}`)
  process.exitCode = 1
} else if (existsSync(entry)) {
  const { runProcess } = await import(entry.href)
  await runProcess()
} else {
  console.error('tokentrail is not built; run "npm run build" in the repository first')
  process.exitCode = 1
}
