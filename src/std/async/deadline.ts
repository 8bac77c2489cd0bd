// @ts-types="./deadline.d.ts"
export { deadline } from "deno-std/async/deadline.js";
