/** The people who can sign in. One password, from the environment, serves them all. */
export const ACCOUNTS: readonly string[] = ['alice', 'bob', 'carol', 'dave']

export const findAccount = (_context: unknown, accountId: string) =>
  ACCOUNTS.includes(accountId)
    ? { accountId, claims: () => ({ sub: accountId, email: `${accountId}@example.com` }) }
    : undefined
