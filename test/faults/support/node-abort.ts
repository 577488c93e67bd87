import { parseTrace } from './strace.ts'

/**
 * Whether Node has ended the process because the close of a file has failed that Node itself had
 * opened, in a thread that was starting: libuv reads the memory's limits in `uv__slurp` (`if
 * (uv__close_nocheckstdio(fd)) abort()`), and Node each `package.json` on the way to a module in
 * `ReadFileSync` (`CHECK_EQ(0, uv_fs_close(…))`, src/util.cc). Nobody can catch that. No file of
 * the journal is excused, nor is anything that was promised before: the next process has to deliver
 * it.
 */
export function isAbortOfNode(trace: string, directory: string, said: string): boolean {
  const { aborted = directory } = parseTrace(trace)
  if (aborted.startsWith(directory)) return false
  const isLimit = /^\/(proc|sys\/fs\/cgroup)\//.test(aborted) && said === ''
  return isLimit || (aborted.endsWith('/package.json') && said.includes('node::ReadFileSync('))
}
