import { parseTrace } from './strace.ts'

/**
 * Whether Node has ended the process because a call has failed that is its own: at the end the
 * `fcntl` of a standard stream (`ResetStdio` in src/node.cc), or, in a thread that was starting,
 * the close of a file that it had opened: libuv reads the memory's limits in `uv__slurp` (`if
 * (uv__close_nocheckstdio(fd)) abort()`), and Node each `package.json` on the way to a module in
 * `ReadFileSync` (`CHECK_EQ(0, uv_fs_close(…))`, src/util.cc). Nobody can catch that. No file of
 * the journal is excused, nor is anything that was promised before: the next process has to deliver
 * it.
 */
export function isAbortOfNode(trace: string, directory: string, said: string): boolean {
  const { aborted = directory } = parseTrace(trace)
  if (aborted.startsWith(directory)) return false
  if (said.includes('void node::ResetStdio()')) return true
  const isLimit = /^\/(proc|sys\/fs\/cgroup)\//.test(aborted) && said === ''
  return isLimit || (aborted.endsWith('/package.json') && said.includes('node::ReadFileSync('))
}
