// The npm build of the standard library ships no types; those it is used with stand beside this file.
// Where JSR is reachable, the import map points `@std/cli/parse-args` there instead and this folder goes.
// @ts-types="./parse_args.d.ts"
export { parseArgs } from "deno-std/cli/parse_args.js";
