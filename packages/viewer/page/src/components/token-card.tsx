import type { VNode } from 'preact'

import type { TokenFacts } from '../../../src/api-types.ts'
import { Fact } from './fact.tsx'
import { FilterLink } from './filter-link.tsx'
import { TimeText } from './time-text.tsx'

const METHODS: { readonly [method: string]: string } = {
  jwt: 'signature checked by the service',
  introspection: 'authorization server asked (introspection)',
  lookup: 'looked up by the service',
  recorder: 'signature checked by the recorder',
}

/** What is proven of one token. The token itself is recorded nowhere, only its keyed fingerprint. */
export function TokenCard({ token }: { token: TokenFacts }): VNode {
  return (
    <details class="card token">
      <summary>
        <span class="strong">{(token.type ?? 'token').replaceAll('_', ' ')}</span>{' '}
        <span class="mono">{token.fingerprint}</span>
        {token.expiresAt !== null && (
          <span class="sub">
            expires <TimeText at={token.expiresAt} />
          </span>
        )}
      </summary>
      <dl class="facts">
        <Fact name="Fingerprint">
          <FilterLink view="records" name="token" value={token.fingerprint} mono />
        </Fact>
        <Fact name="Checked by">{describeMethod(token.validationMethod)}</Fact>
        <TextFact name="Format" text={token.format} />
        <TextFact name="Issuer" text={token.issuer} />
        <TextFact name="Audience" text={token.audiences.join(', ')} />
        <TextFact name="Scopes" text={token.scopes.join(' ')} />
        <TimeFact name="Issued" at={token.issuedAt} />
        <TimeFact name="Expires" at={token.expiresAt} />
        <TimeFact name="Signed in" at={token.authenticationTime} />
        <TextFact name="Sign-in level" text={token.acr} />
        <TextFact name="Sign-in methods" text={token.amr.join(', ')} />
        <TextFact name="Key" text={[token.algorithm, token.keyId].filter(Boolean).join(' · ')} />
        <TimeFact name="First seen" at={token.firstSeen} />
      </dl>
    </details>
  )
}

function TextFact(props: { name: string; text: string | null }): VNode | null {
  if (props.text === null || props.text === '') return null
  return <Fact name={props.name}>{props.text}</Fact>
}

function TimeFact(props: { name: string; at: string | null }): VNode | null {
  if (props.at === null) return null
  return (
    <Fact name={props.name}>
      <TimeText at={props.at} long />
    </Fact>
  )
}

function describeMethod(method: string | null): string {
  if (method === null) return 'not recorded'
  return (Object.hasOwn(METHODS, method) ? METHODS[method] : undefined) ?? method
}
