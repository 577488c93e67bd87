/** Name of the instrumentation scope. */
export const NAME = '@tokentrail/instrumentation'
/** Version of the instrumentation scope; a test compares it with `package.json`. */
export const VERSION = '0.1.0'
