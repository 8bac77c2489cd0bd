import { EncodedResult, type Handlers } from "./handler.ts";

/** HTTP requests from this machine. */
export const httpHandlers: Handlers<"http/request"> = {
  async "http/request"(params, { resources }) {
    const { result, streamBody } = await (await resources.http()).request(params);
    return new EncodedResult(() => JSON.stringify(result), streamBody);
  },
};
