/**
 * Imported by the loader probe and by nobody else. Without a type annotation on purpose: a loader
 * hook may hand this file on without having its types stripped.
 */
export const probed = true
