/**
 * Entry of the delivery thread. It reaches Node's own modules and small files of this package only,
 * so that it costs the application little memory.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { nodeDisk } from '../disk/node-disk.ts'
import { nodeScheduler } from '../scheduler.ts'
import { DeliveryWorker } from './delivery-worker.ts'
import { createHttpTransport } from './http-transport.ts'
import type { WorkerConfiguration, WorkerReport, WorkerRequest } from './messages.ts'

const worker = new DeliveryWorker(workerData as WorkerConfiguration, {
  disk: nodeDisk,
  nowMillis: () => Date.now(),
  random: () => Math.random(),
  scheduler: nodeScheduler,
  createTransport: ({ destination, userAgent }) => createHttpTransport(destination, userAgent),
  report: (report: WorkerReport) => parentPort?.postMessage(report, []),
})

parentPort?.on('message', (request: WorkerRequest) => worker.handle(request))
