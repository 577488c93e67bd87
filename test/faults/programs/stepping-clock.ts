/**
 * A clock that is set while the process runs, for `--import`: each SIGUSR2 sets `Date.now` by the
 * next of `FAULT_CLOCK_STEPS`, milliseconds joined by commas. The monotonic clock goes on as it
 * does on a machine.
 */
const steps = (process.env['FAULT_CLOCK_STEPS'] ?? '').split(',').map(Number)
const { now } = Date
let shift = 0

Date.now = () => now() + shift
process.on('SIGUSR2', () => {
  shift += steps.shift() ?? 0
})
