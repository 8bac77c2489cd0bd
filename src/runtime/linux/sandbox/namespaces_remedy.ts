/** What helps where namespaces cannot be made. */
export const namespacesRemedy =
  "let its user make user namespaces: sysctl user.max_user_namespaces above 0, " +
  "kernel.unprivileged_userns_clone=1; on Ubuntu an AppArmor profile for bwrap (/etc/apparmor.d/bwrap); in a " +
  "container a seccomp profile that allows unshare and mount";
