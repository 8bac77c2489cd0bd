/** What steps are for that have connections be caught. */
export const purposes = {
  enter: "make a network of its own",
  lead: "have its network lead here",
  redirect: "redirect its connections",
} as const;
