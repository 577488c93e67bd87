import { describe, expect, it } from 'vitest'
import type { RequestFacts } from '../../src/index.ts'
import { CLAIMS, OTHER_TOKEN, requestWith, verifiedWith } from '../requests.ts'
import { type RecorderRig, startRecorder } from '../start-recorder.ts'

const bound = { ...CLAIMS, cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }

/** A request with a DPoP-bound token and a proof. */
function proven(change: Partial<RequestFacts> = {}): RequestFacts {
  return requestWith({
    scheme: 'dpop',
    dpopProof: true,
    dpopProofId: 'canary-proof-1',
    verified: verifiedWith(bound),
    ...change,
  })
}

const refusals = ({ sink }: RecorderRig): readonly unknown[] =>
  sink.records.flatMap(({ attributes }) => attributes?.['oauth.rejection.reason'] ?? [])

describe('a DPoP proof', () => {
  it('that came before is a finding about the token, where the application accepted it', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(proven())
    expect(refusals(rig)).toEqual([])
    rig.recorder.recordRequest(proven())
    expect(rig.sink.records.map(({ type }) => type)).toEqual([
      'oauth.token.observed',
      'oauth.request',
      'oauth.token.observed',
      'oauth.request',
    ])
    expect(rig.sink.records[2]?.attributes).toMatchObject({
      'oauth.rejection.reason': 'proof_replayed',
      'tokentrail.capture.hook': 'recorder.dpop',
    })
    expect(rig.sink.records[3]?.attributes?.['oauth.decision']).toBe('allow')
    expect(rig.faults).toEqual([])
  })

  it('is another with another id, another token, or after five minutes', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(proven())
    rig.recorder.recordRequest(proven({ dpopProofId: 'canary-proof-2' }))
    rig.recorder.recordRequest(
      proven({ token: OTHER_TOKEN, verified: verifiedWith(bound, { token: OTHER_TOKEN }) }),
    )
    rig.now += 300_000_000_000n
    rig.recorder.recordRequest(proven())
    expect(refusals(rig)).toEqual([])
  })

  it('says what is wrong with a proof that was refused as invalid', () => {
    const rig = startRecorder()
    const challenges = [{ scheme: 'dpop', error: 'invalid_dpop_proof' }]
    rig.recorder.recordRequest(proven())
    rig.recorder.recordRequest(proven({ statusCode: 401, challenges }))
    rig.recorder.recordRequest(
      proven({ statusCode: 401, challenges, dpopProofId: 'canary-proof-3' }),
    )
    expect(refusals(rig)).toEqual(['proof_replayed', 'proof_invalid'])
  })

  it('is not looked at beside a Bearer token, and is in no record', () => {
    const rig = startRecorder()
    for (let i = 0; i < 2; i += 1) rig.recorder.recordRequest(proven({ scheme: 'bearer' }))
    expect(refusals(rig)).toEqual([])
    rig.recorder.recordRequest(proven())
    rig.recorder.recordRequest(proven())
    expect(JSON.stringify([rig.sink.records, rig.sink.identities])).not.toContain('canary')
  })
})
