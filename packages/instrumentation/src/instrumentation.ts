import { InstrumentationBase } from '@opentelemetry/instrumentation'
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { Capture } from './capture.ts'
import { resolveConfig, type ResolvedConfig } from './config.ts'
import type { InboundHttp } from './inbound/http-server.ts'
import { captureInboundHttp } from './inbound/inbound.ts'
import { buildModuleDefinitions } from './libraries/module-definitions.ts'
import { probeLoaderHook } from './loader-probe.ts'
import { createMirrorRecorder } from './mirror.ts'
import { runSafely } from './safe.ts'
import { SelfTest } from './self-test.ts'
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

  /** Called by the base class before the fields of this class exist: they are read later. */
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const { libraries, onFault } = resolveConfig(this.getConfig())
    return buildModuleDefinitions(libraries, {
      sawLibrary: (name, version) =>
        this.#selfTest.sawLibrary(name, version, (state) =>
          runSafely(onFault, 'onHookInactive', () => this.#resolved.onHookInactive(state)),
        ),
      hookedLibrary: (name, version) => this.#selfTest.hookedLibrary(name, version),
      onFault,
      findReceiver: () => (this.isEnabled() ? this.#capture : undefined),
    })
  }
}
