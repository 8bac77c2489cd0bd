/**
 * Files of tests that may pass at their second try only, each with the reason. Every other file that does so fails the
 * run: it is wrong, or the program is.
 */
export const unsteadyFiles: Readonly<Record<string, string>> = {};
