// Emits the same facts through the stock pipeline. Forked; told how many, answers with the CPU. Each
// batch is flushed before the next is emitted, because a full queue drops.
import { buildRequests } from '../request-record.ts'
import { createStockLogs } from '../stock-logs.ts'
import type { DeliveryUsage } from './compare.ts'

const BATCH = 512
const stock = createStockLogs()

async function deliver(count: number): Promise<DeliveryUsage> {
  const records = buildRequests(count, count)
  const start = { main: process.threadCpuUsage(), all: process.cpuUsage(), at: performance.now() }
  let emitMicros = 0
  for (let at = 0; at < count; at += BATCH) {
    const before = process.threadCpuUsage()
    for (const record of records.slice(at, at + BATCH)) stock.emit(record)
    const { user, system } = process.threadCpuUsage(before)
    emitMicros += user + system
    await stock.flush()
  }
  const main = process.threadCpuUsage(start.main)
  const all = process.cpuUsage(start.all)
  return {
    emitMicros: emitMicros / count,
    mainMicros: (main.user + main.system) / count,
    processMicros: (all.user + all.system) / count,
    perSecond: (count * 1000) / (performance.now() - start.at),
    rss: process.memoryUsage.rss(),
  }
}

process.on('message', ({ count }: { count: number }) => {
  void deliver(count).then((usage) => process.send?.(usage))
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
