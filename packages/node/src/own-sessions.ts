import type { EndedSession, SessionIdentity } from '@tokentrail/instrumentation'
import { currentRecording } from './recording.ts'

/**
 * Says who is behind the request that is being served, where the application keeps a session of its
 * own for a signed-in user and no token comes with the request. The request is then recorded like
 * one with a token; `oauth.validation.method` is `lookup`, since the application vouches for it.
 * Call it once the session is read, in the request's own asynchronous context. Never throws; does
 * nothing where nothing is recorded.
 *
 * @example
 *   Express with express-session, whose session was given these facts at sign-in
 *
 *   ```ts
 *   app.use((request, _response, next) => {
 *   identifySession(request.session.user)
 *   next()
 *   })
 *   ```
 *
 * @param session - Undefined, as for a user who is not signed in, says nothing.
 * @returns Whether the request will be attributed to it: false outside of a request, and for one
 *   that presents a token of its own, which then tells.
 */
export function identifySession(session: SessionIdentity | null | undefined): boolean {
  return currentRecording()?.instrumentation.identifySession(session) ?? false
}

/**
 * Records that such a session has ended: call it where the user signs out, or where a logout token
 * (OpenID Connect Back-Channel Logout 1.0) was verified by other means than jose, which is seen by
 * itself. Give the same facts as to {@link identifySession}. Never throws.
 *
 * @example
 *   Auth.js```ts
 *   events: { signOut: ({ token }) => recordSessionEnd(token.identity) }
 *   ```
 */
export function recordSessionEnd(session: EndedSession | null | undefined): void {
  currentRecording()?.instrumentation.recordSessionEnd(session)
}
