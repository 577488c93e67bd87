/**
 * A preload that puts a switch for a fault at the head of every function of ours that an
 * application loads, then starts recording. The parent process names one function at a time; from
 * then on, that function throws.
 */
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { addSwitches } from './add-switches.ts'
import { FaultSwitch, type FaultOrder } from './fault-switch.ts'

const OURS = /\/packages\/(?:instrumentation|session|exporter|ledger|node)\/dist\/(.+)\.js$/
const REGISTER = new URL('../../../packages/node/dist/register.js', import.meta.url)

const faultSwitch = new FaultSwitch()
Object.defineProperty(globalThis, 'faultSwitch', { value: faultSwitch })

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!OURS.test(url) || loaded.format !== 'module') return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString('utf8')
    return { ...loaded, source: addSwitches(source, fileURLToPath(url), faultSwitch) }
  },
})

process.on('message', (order: FaultOrder) => process.send?.(faultSwitch.take(order)))
process.channel?.unref()
await import(REGISTER.href)
