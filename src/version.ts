/** Set by the build; a run from source has none of them. */
declare const EXEC_SERVER_COMMIT: string | undefined;
declare const EXEC_SERVER_TARGET: string | undefined;

/** The version of this program; package.json holds the same, which a test checks. */
export const version = "0.1.0";
/** The commit that a binary was built from. */
export const commit = typeof EXEC_SERVER_COMMIT === "string" ? EXEC_SERVER_COMMIT : "source";
/** The platform that a binary was built for, such as `x86_64-unknown-linux-gnu`. */
export const target = typeof EXEC_SERVER_TARGET === "string" ? EXEC_SERVER_TARGET : undefined;
