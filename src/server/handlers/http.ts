import type { ConnectionResources } from "../connection_resources.ts";
import { EncodedResult, type Handlers } from "./handler.ts";

/** HTTP requests from this machine. */
export function httpHandlers(
  { resources }: { readonly resources: Pick<ConnectionResources, "http"> },
): Handlers<"http/request"> {
  return {
    async "http/request"(params) {
      const { result, streamBody } = await (await resources.http.get()).request(params);
      return new EncodedResult(() => JSON.stringify(result), streamBody);
    },
  };
}
