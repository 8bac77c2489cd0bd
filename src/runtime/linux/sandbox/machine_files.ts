/**
 * Files of `/proc` that rule the whole machine and go by their owner alone, whatever capabilities are lost: with a server
 * of root's, what it confines is their owner.
 */
export const machineFiles = [
  "/proc/sys",
  "/proc/sysrq-trigger",
  "/proc/irq",
  "/proc/bus",
  "/proc/fs",
  "/proc/acpi",
  "/proc/scsi",
  "/proc/mtrr",
];
