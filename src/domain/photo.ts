/** Where pictures of users and groups may be. */

/**
 * Whether a picture may be on its host.
 * @param url as the URL standard writes it.
 * @param hosts exact ones, or `*.example.com` for all below one; none means all.
 */
export function isPhotoAllowed(url: string, hosts: readonly string[]): boolean {
  if (hosts.length === 0) return true;
  const hostname = new URL(url).hostname.replace(/\.$/, "");
  return hosts.some((host) => (host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host));
}
