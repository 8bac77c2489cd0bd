import process from "node:process";
import { type Logger, unexpected } from "../observe/logger.ts";

/**
 * From now on an error that nobody caught is logged, and the program goes on.
 *
 * A runtime would end it, and with it every process of every client. What such an error can leave unfinished belongs to
 * one request, connection or process: the others are whole, a client gets its session back on a new connection, and
 * whoever runs the server reads in the log what to report, and may choose the moment to start it anew.
 */
export function outliveUncaughtErrors(logger: Logger): void {
  const log = (error: unknown) => logger.error("uncaught error", unexpected(error));
  process.on("uncaughtException", log);
  process.on("unhandledRejection", log);
}
