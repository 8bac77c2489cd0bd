/** Loaded into a server before its program: each signal of these is a fault that nobody catches. */
import process from "node:process";

process.on("SIGUSR1", () => {
  throw new Error("a fault in an event");
});
process.on("SIGUSR2", () => {
  Promise.reject(new Error("a fault in a promise"));
});
