import { InstrumentationBase } from '@opentelemetry/instrumentation'
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { Capture } from './capture.ts'
import { currentDecision } from './decision.ts'
import { resolveConfig, type ResolvedConfig } from './config.ts'
import type { InboundHttp } from './inbound/http-server.ts'
import { captureInboundHttp } from './inbound/inbound.ts'
import { buildModuleDefinitions, type LibraryListener } from './hooks/module-definitions.ts'
import { patchExports } from './hooks/patch.ts'
import { hookRequiredFiles } from './hooks/required-files.ts'
import { probeLoaderHook } from './loader-probe.ts'
import { createMirrorRecorder } from './mirror.ts'
import { runSafely } from './safe.ts'
import { SelfTest } from './self-test.ts'
import {
  type EndedSession,
  type SessionIdentity,
  toSessionEnd,
  toSessionToken,
} from './sessions/session-identity.ts'
import type { HookState, OAuthInstrumentationConfig } from './types.ts'
import { NAME, VERSION } from './version.ts'

/**
 * Captures OAuth facts from Node's HTTP servers and from the libraries that verify tokens, and
 * hands them to a recorder; puts the `oauth.*` attributes onto the request's spans.
 *
 * Give it to the OpenTelemetry SDK like any other instrumentation. With `@tokentrail/node` it keeps
 * evidence; alone it emits records through the OpenTelemetry Logs API, to look at.
 *
 * @example
 *   Show OAuth records in an existing OpenTelemetry set-up
 *
 *   ```ts
 *   new NodeSDK({ instrumentations: [new OAuthInstrumentation()] }).start()
 *   ```
 */
export class OAuthInstrumentation extends InstrumentationBase<OAuthInstrumentationConfig> {
  readonly #resolved: ResolvedConfig
  readonly #selfTest: SelfTest
  #capture: Capture | undefined
  #inbound: InboundHttp | undefined

  /** @throws {TypeError} When an option is unknown or wrong, naming it. */
  constructor(config: OAuthInstrumentationConfig = {}) {
    const resolved = resolveConfig(config)
    // The base class would enable itself before the fields of this class exist.
    super(NAME, VERSION, { ...config, enabled: false })
    this.#resolved = resolved
    this.#selfTest = new SelfTest(resolved.libraries)
    super.setConfig(config)
    if (config.enabled !== false) this.enable()
  }

  /**
   * Checks and keeps a configuration. Recorder, hops and libraries stay those that the constructor
   * got: hooks are installed once.
   *
   * @throws {TypeError} When an option is unknown or wrong, naming it.
   */
  override setConfig(config: OAuthInstrumentationConfig): void {
    resolveConfig(config)
    super.setConfig(config)
  }

  override enable(): void {
    super.enable()
    const { clock, onFault, recorder } = this.#resolved
    this.#capture ??= new Capture({
      ...this.#resolved,
      recorder: recorder ?? createMirrorRecorder(() => this.logger, clock, onFault),
    })
    this.#inbound ??= captureInboundHttp(this.#capture)
  }

  /** Stops recording. Hooked functions stay hooked and do nothing outside of a recorded request. */
  override disable(): void {
    super.disable()
    this.#inbound?.stop()
    this.#inbound = undefined
  }

  /** Tells which hooks work, as far as it is known now. */
  hookStates(): readonly HookState[] {
    return this.#selfTest.states(this.#inbound !== undefined)
  }

  /** Finds out whether ES modules can be hooked in this process, then tells which hooks work. */
  async selfTest(): Promise<readonly HookState[]> {
    this.#selfTest.probedLoader(await probeLoaderHook('self-test'))
    return this.hookStates()
  }

  /**
   * Hooks a library that no loader hook can see, because a bundler has put it into the application.
   * Give it what was imported, and use what it returns.
   *
   * @example
   *   In a bundled application
   *
   *   ```ts
   *   import * as bundled from 'jose'
   *   const jose = instrumentation.instrumentModule('jose', bundled)
   *   ```
   *
   * @param name - Name of the library in the table of libraries, e.g. `jose`.
   * @param exports - Everything that the library's module exports.
   * @returns The exports with their functions hooked: a copy where they cannot be changed.
   * @throws {TypeError} When no library has this name, or it is switched off.
   */
  instrumentModule<Exports>(name: string, exports: Exports): Exports {
    const { libraries } = this.#resolved
    const library = libraries.find((candidate) => candidate.name === name)
    if (library === undefined) {
      const names = libraries.map((candidate) => candidate.name).join(', ')
      throw new TypeError(`"name" is "${name}", which is not one of ${names}`)
    }
    const patched = patchExports(exports, library, library.hooks, () => this.#findReceiver())
    if (patched.hooked > 0) this.#selfTest.hookedLibrary(name, 'bundled')
    return patched.exports as Exports
  }

  /**
   * Says who is behind the request that is being served, where a session of the application's own
   * stands for a token: the request is recorded like one with a token. One that presents a token in
   * `Authorization` is known by that. Never throws.
   *
   * @param session - Undefined, as for a user who is not signed in, says nothing.
   * @returns Whether there is a request that it says something of.
   */
  identifySession(session: SessionIdentity | null | undefined): boolean {
    const decision = currentDecision()
    const { onFault } = this.#resolved
    const capture = this.#findReceiver()
    if (capture === undefined || decision === undefined || !session) return false
    runSafely(onFault, 'identifySession', () =>
      capture.take({ session: toSessionToken(session, 'identifySession') }, decision),
    )
    return decision.presented === undefined
  }

  /**
   * Records that a session of the application's own has ended: the user signed out, or the
   * authorization server sent a logout token (OpenID Connect Back-Channel Logout 1.0). Never
   * throws.
   *
   * @param session - Undefined, as for a user who is not signed in, says nothing.
   */
  recordSessionEnd(session: EndedSession | null | undefined): void {
    if (!session) return
    runSafely(this.#resolved.onFault, 'recordSessionEnd', () =>
      this.#findReceiver()?.take(
        { event: toSessionEnd(session, 'recordSessionEnd') },
        currentDecision(),
      ),
    )
  }

  /** Called by the base class before this class has fields or private methods. */
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const { libraries, onFault } = resolveConfig(this.getConfig())
    const listener: LibraryListener = {
      sawLibrary: (name, version) => this.#sawLibrary(name, version),
      hookedLibrary: (name, version) => this.#selfTest.hookedLibrary(name, version),
      findReceiver: () => this.#findReceiver(),
      onFault,
    }
    hookRequiredFiles(libraries, listener)
    return buildModuleDefinitions(libraries, listener)
  }

  #sawLibrary(name: string, version: string): void {
    const { onFault, onHookInactive } = this.#resolved
    this.#selfTest.sawLibrary(name, version, (state) =>
      runSafely(onFault, 'onHookInactive', () => onHookInactive(state)),
    )
  }

  #findReceiver(): Capture | undefined {
    return this.isEnabled() ? this.#capture : undefined
  }
}
