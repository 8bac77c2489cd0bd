/** Runs one scenario on the runtime this file runs on: `run_scenario.ts "<its sentence>"`. Fails by throwing. */
import process from "node:process";
import { scenarios } from "./scenarios.ts";

await scenarios[process.argv[2]!]!();
