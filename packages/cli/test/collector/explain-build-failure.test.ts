import { describe, expect, it } from 'vitest'
import { explainBuildFailure } from '../../src/collector/explain-build-failure.ts'

const failed = (
  stderr: readonly string[],
  failure?: string,
): ReturnType<typeof explainBuildFailure> =>
  explainBuildFailure(
    { exitCode: failure === undefined ? 1 : undefined, failure, stdout: [], stderr },
    120_000,
  )

describe('explainBuildFailure', () => {
  it.each([
    ['go: go.mod requires go >= 1.25.0 (running go 1.22.0; GOTOOLCHAIN=local)', /install Go 1\.25/],
    ["go: errors parsing go.mod:\ngo.mod:5: invalid go version '1.25.0'", /install Go 1\.25/],
    ['verifying a.example/b@v1.0.0: checksum mismatch', /go clean -modcache/],
    ['write /home/somebody/.cache/x: no space left on device', /free about 2 GB/],
    ['golang.org/x/tools: signal: killed', /GOMAXPROCS=1/],
    ['go: a.example/b@v1: Get "https://a.example/": dial tcp: i/o timeout', /GOPROXY/],
    ['reading https://a.example/b.zip: 403 Forbidden', /GOPROXY/],
    ['build cache is required, but could not be located: GOCACHE is not defined', /set HOME/],
    ['open /go/pkg/mod/cache/lock: permission denied', /writable/],
    ['./main.go:3:1: syntax error', /collector\/ to see all/],
  ])('knows a remedy for: %s', (line, remedy) => {
    expect(failed(line.split('\n')).remedy).toMatch(remedy)
  })

  it('keeps the last ten lines that are not progress', () => {
    const noise = ['go: downloading a.example/b v1.0.0', 'a.example/b/internal/c', 'errors']
    const lines = Array.from({ length: 12 }, (_, index) => `error: number ${index}`)
    expect(failed([...noise, ...lines, ...noise]).details).toEqual(lines.slice(2))
  })

  it('names the limit of a build that did not end', () => {
    expect(failed([], 'timeout').reason).toBe('go build did not end within 2 min')
  })

  it('names the signal that ended a build', () => {
    expect(failed([], 'SIGTERM').reason).toBe('go build failed (SIGTERM)')
  })
})
