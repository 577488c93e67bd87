/** Version of the recorder, as record 0 names it; a test compares it with `package.json`. */
export const VERSION = '0.1.0'
