/** Everything went as asked. For `verify`: the verdicts that say "valid". */
export const EXIT_OK = 0
/** The input is empty or cannot be read, or the work could not be done. */
export const EXIT_FAILURE = 1
/** The command line cannot be followed. */
export const EXIT_USAGE = 2
