/** `Authorization` values with a JWT, right or wrong on purpose. */
import { createHmac } from "node:crypto";

/** How to make a token. A claim `{"$now": n}` is the present Unix time plus `n` seconds. */
export interface TokenRecipe {
  claims: Record<string, unknown>;
  /** Key of the signature; not needed with `none`. */
  secret?: string;
  /** `HS256` by default; also `HS384`, `HS512` and `none`. */
  alg?: string;
}

/** The header's value: `Bearer`, a blank and the token. */
export function bearerToken(recipe: TokenRecipe): string {
  const algorithm = recipe.alg ?? "HS256";
  const signed = `${encodePart({ alg: algorithm, typ: "JWT" })}.${encodePart(resolveClaims(recipe.claims))}`;
  const signature = algorithm === "none"
    ? ""
    : createHmac(`sha${algorithm.slice(2)}`, recipe.secret ?? "").update(signed).digest("base64url");
  return `Bearer ${signed}.${signature}`;
}

function resolveClaims(claims: Record<string, unknown>): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => {
      const relative = typeof value === "object" && value !== null && "$now" in value;
      return [name, relative ? now + Number(value.$now) : value];
    }),
  );
}

function encodePart(part: unknown): string {
  return new TextEncoder().encode(JSON.stringify(part)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
