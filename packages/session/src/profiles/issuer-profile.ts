/**
 * Where a claim stands: its name, and below it the members that lead to the value. `realm_access`,
 * `roles` for `{"realm_access":{"roles":[…]}}`.
 */
export type ClaimPath = readonly [string, ...string[]]

/** A sign that no person is behind a token. Letter case makes no difference. */
export interface MachineSign {
  /** Name of the claim that is looked at. */
  readonly claim: string
  /** Values that are the sign. `{client}` stands for the token's client, `{name}` for a claim. */
  readonly is: readonly string[]
}

/**
 * How the tokens of one product name what a record says. Of several paths the first that leads to a
 * usable value counts, for {@link roles} all of them.
 */
export interface IssuerProfile {
  /** Name in settings. */
  readonly name: string
  /** Verified issuers that are this product's by their form. Absent where no form tells. */
  readonly issuers?: RegExp
  /** Client, before the claims that any issuer may use. */
  readonly client: readonly ClaimPath[]
  /** Id of the token. */
  readonly tokenId: readonly ClaimPath[]
  /** Sign-in session at the issuer: `oauth.oidc.session.id`. */
  readonly session: readonly ClaimPath[]
  /** Token family: one grant and all its refreshes. */
  readonly grant: readonly ClaimPath[]
  /** Tenant of a multi-tenant issuer. */
  readonly tenant: readonly ClaimPath[]
  /** Roles and groups; read only where the operator wants them. */
  readonly roles: readonly ClaimPath[]
  /** Signs of a client that acts for itself, beside those of RFC 9068 §2.2. */
  readonly machine: readonly MachineSign[]
}
