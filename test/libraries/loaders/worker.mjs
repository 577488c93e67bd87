import { isMainThread, parentPort, Worker } from 'node:worker_threads'

// Serves in a worker thread, as some applications do with what takes long.
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  process.on('SIGTERM', () => worker.postMessage('end'))
  worker.on('exit', () => process.exit(0))
} else {
  parentPort.once('message', () => process.exit(0))
  await import('./plain.mjs')
}
