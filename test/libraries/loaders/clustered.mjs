import cluster from 'node:cluster'

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()]
  process.on('SIGTERM', () => {
    for (const worker of workers) worker.kill('SIGTERM')
  })
  let left = workers.length
  cluster.on('exit', () => {
    left -= 1
    if (left === 0) process.exit(0)
  })
} else {
  await import('./plain.mjs')
}
