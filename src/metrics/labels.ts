/** Values of labels that clients choose, cut down to those that say something. */

/** What stands for all others. */
const OTHER = "other";

/** Methods of this service, and those that browsers send. The platform passes on some twenty more. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The label of a request's method. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}

/**
 * The label of the code with which a client has closed its socket. From 3000 on it chooses: our own codes would seem to be closes by the
 * service.
 */
export function clientCloseLabel(code: number): string {
  return code >= 1000 && code < 1016 ? String(code) : OTHER;
}
