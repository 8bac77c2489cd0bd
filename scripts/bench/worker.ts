/** One workload in a process of its own: `worker.ts NAME URL`, or `worker.ts NAME floor`. Prints JSON. */
import process from "node:process";
import { workloads } from "./workloads.ts";

const [name, url = "floor"] = process.argv.slice(2);
const workload = workloads.find((workload) => workload.name === name);
if (!workload) throw new Error(`No workload "${name}"`);
const numbers = url === "floor" ? await workload.floor!() : await workload.run(url);
process.stdout.write(JSON.stringify(numbers) + "\n");
process.exit(0);
