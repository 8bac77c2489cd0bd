/** Platforms that a binary is built for, by the name that Rust, and so Deno, gives them. */
export const targets: Record<string, { readonly bun: string; readonly deno: boolean }> = {
  "x86_64-unknown-linux-gnu": { bun: "bun-linux-x64", deno: true },
  "aarch64-unknown-linux-gnu": { bun: "bun-linux-arm64", deno: true },
  "x86_64-unknown-linux-musl": { bun: "bun-linux-x64-musl", deno: false },
  "aarch64-unknown-linux-musl": { bun: "bun-linux-arm64-musl", deno: false },
  "x86_64-apple-darwin": { bun: "bun-darwin-x64", deno: true },
  "aarch64-apple-darwin": { bun: "bun-darwin-arm64", deno: true },
  "x86_64-pc-windows-msvc": { bun: "bun-windows-x64", deno: true },
};

/** The name of the machine this runs on. */
export function hostTarget(): string {
  return Deno.build.target;
}
