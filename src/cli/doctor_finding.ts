/** What a check found: a remark on what is good, or what to do about what is not. */
export type Finding = { readonly good: string } | { readonly bad: string; readonly remedy: string };
