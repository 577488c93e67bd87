/** Who an instance is, as its credential says. */
export interface InstanceIdentity {
  /** Subject of its token (`system:serviceaccount:prod:orders`) or of its client certificate. */
  readonly subject: string
  /** Name of its pod, where the credential says it: `{pod}` in a rule. */
  readonly pod?: string
}

/** Which instances may have logs of which services and slots. */
export interface InstanceRule {
  /** Subject, or a pattern with `*` for any run of characters. */
  readonly subject: string
  /** Names of services, or patterns. */
  readonly services: readonly string[]
  /** Slots, or patterns; `{pod}` stands for the name of the instance's pod. */
  readonly slots: readonly string[]
}

/** Tells whether an instance may have a log of this service and slot. */
export function isAllowed(
  rules: readonly InstanceRule[],
  { subject, pod }: InstanceIdentity,
  { service, slot }: { readonly service: string; readonly slot: string },
): boolean {
  return rules.some(
    (rule) =>
      matches(rule.subject, subject) &&
      rule.services.some((pattern) => matches(pattern, service)) &&
      rule.slots.some((pattern) => matchesSlot(pattern, slot, pod)),
  )
}

function matchesSlot(pattern: string, slot: string, pod: string | undefined): boolean {
  if (!pattern.includes('{pod}')) return matches(pattern, slot)
  // A pod's name has no `*`; a credential that names none opens no slot.
  return pod !== undefined && !pod.includes('*') && matches(pattern.replaceAll('{pod}', pod), slot)
}

function matches(pattern: string, text: string): boolean {
  const [head = '', ...parts] = pattern.split('*')
  if (parts.length === 0) return pattern === text
  const tail = parts.pop() ?? ''
  if (text.length < head.length + tail.length) return false
  if (!text.startsWith(head) || !text.endsWith(tail)) return false
  let at = head.length
  for (const part of parts) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > text.length - tail.length) return false
    at = found + part.length
  }
  return true
}
