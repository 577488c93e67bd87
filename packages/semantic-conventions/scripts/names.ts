/** Names that generated code gives to things of the registry, in OpenTelemetry's style. */

/** `ATTR_OAUTH_CLIENT_ID` of `oauth.client.id`. */
export function attributeConstant(name: string): string {
  return `ATTR_${constant(name)}`
}

/** `EVENT_OAUTH_REQUEST` of `oauth.request`. */
export function eventConstant(name: string): string {
  return `EVENT_${constant(name)}`
}

/** `RejectionReason` and `REJECTION_REASONS` of `oauth.rejection.reason`. */
export function enumNames(name: string): { readonly type: string; readonly list: string } {
  const words = name.split(/[._]/).slice(1)
  return {
    type: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''),
    list: `${words.join('_').toUpperCase()}S`,
  }
}

function constant(name: string): string {
  return name.toUpperCase().replaceAll('.', '_')
}
