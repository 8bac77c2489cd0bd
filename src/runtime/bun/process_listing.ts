import type { ProcessListing } from "../../process/child_process.ts";
import { listingCalls, processListing } from "../posix/process_listing.ts";
import { loadCFunctions } from "./c_functions.ts";

/** Looks at the processes of this machine through the C library. Opened by the first call; undefined where it cannot be. */
export function openProcessListing(): ProcessListing | undefined {
  opened ??= { listing: open() };
  return opened.listing;
}

let opened: { readonly listing: ProcessListing | undefined } | undefined;

function open(): ProcessListing | undefined {
  const calls = loadCFunctions(listingCalls);
  return calls && processListing(calls);
}
