/** What the C library calls the errors that callers meet, by symbolic code: Linux number and text. */
const table: Record<string, readonly [errno: number, text: string]> = {
  EPERM: [1, "Operation not permitted"],
  ENOENT: [2, "No such file or directory"],
  ESRCH: [3, "No such process"],
  EIO: [5, "Input/output error"],
  ENXIO: [6, "No such device or address"],
  E2BIG: [7, "Argument list too long"],
  ENOEXEC: [8, "Exec format error"],
  EBADF: [9, "Bad file descriptor"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  EBUSY: [16, "Device or resource busy"],
  EEXIST: [17, "File exists"],
  EXDEV: [18, "Invalid cross-device link"],
  ENODEV: [19, "No such device"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  EINVAL: [22, "Invalid argument"],
  ENFILE: [23, "Too many open files in system"],
  EMFILE: [24, "Too many open files"],
  ENOTTY: [25, "Inappropriate ioctl for device"],
  ETXTBSY: [26, "Text file busy"],
  EFBIG: [27, "File too large"],
  ENOSPC: [28, "No space left on device"],
  ESPIPE: [29, "Illegal seek"],
  EROFS: [30, "Read-only file system"],
  EMLINK: [31, "Too many links"],
  EPIPE: [32, "Broken pipe"],
  ENAMETOOLONG: [36, "File name too long"],
  ENOTEMPTY: [39, "Directory not empty"],
  ELOOP: [40, "Too many levels of symbolic links"],
  ENOTSUP: [95, "Operation not supported"],
};

const codesByNumber = new Map(Object.entries(table).map(([code, [errno]]) => [errno, code]));

/**
 * The symbolic code of an operating-system error, such as `"ENOENT"`, or undefined for any other value. Where a
 * runtime gives no code, the number in its message is taken: Deno does so for the errors of positioned writes.
 */
export function osErrorCode(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown } ?? {};
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  const errno = typeof message === "string" ? /\(os error (\d+)\)/.exec(message)?.[1] : undefined;
  return errno === undefined ? undefined : codesByNumber.get(Number(errno));
}

/** The text of an operating-system error as the reference server words it: `<strerror> (os error N)`. */
export function osErrorText(code: string): string {
  const known = table[code];
  return known ? `${known[1]} (os error ${known[0]})` : code;
}

/** What went wrong, in the words of {@linkcode osErrorText} where the operating system says so. */
export function failureText(error: unknown): string {
  const code = osErrorCode(error);
  if (code !== undefined) return osErrorText(code);
  return error instanceof Error ? error.message : String(error);
}
