/**
 * Under which names the development server is asked for a sign-in.
 *
 * A page of the internet can let its own name lead to this machine (DNS rebinding): to the browser it is then the page beside the
 * server. What it cannot do is to ask under a name that is not its own, so only names that no stranger can have are answered.
 */

/** An IPv4 or IPv6 address as `URL.hostname` has it. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])$/;

/**
 * Whether a name leads here by the will of who runs the server: localhost, an address, or one of those.
 * @param hostname as `URL.hostname` has it.
 * @param own names of one's own, such as that of a tunnel, with commas between them: `DEVELOPMENT_HOSTS` in .dev.vars. One that begins
 * with a dot stands for all names below it.
 */
export function isOwnHost(hostname: string, own = ""): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost") || ADDRESS.test(hostname)) return true;
  const names = own.split(",").map((name) => name.trim().toLowerCase());
  return names.some((name) =>
    name.startsWith(".") ? hostname.endsWith(name) : name !== "" && hostname === name,
  );
}
