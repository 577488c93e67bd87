/** Imported by the loader probe and by nobody else. */
export const probed: boolean = true
