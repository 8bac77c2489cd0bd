import { type Logger, unexpected } from "../observe/logger.ts";

/** Has what is to be done once be done by the first call; it answers what is still to be waited for. */
export function onceReady(
  prepare: (() => Promise<void>) | undefined,
  logger: Logger,
): () => Promise<void> | undefined {
  let ready: Promise<void> | undefined;
  let isReady = prepare === undefined;
  return () => {
    if (isReady) return undefined;
    return ready ??= prepare!()
      .catch((error) => logger.error("not prepared", unexpected(error)))
      .then(() => void (isReady = true));
  };
}
