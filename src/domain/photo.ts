/** Decides which hosts may serve photos of users and groups. */

/**
 * Whether a photo's host is allowed.
 * @param url as the URL standard writes it.
 * @param hosts exact names, or `*.example.com` for all subdomains. Empty allows all.
 */
export function isPhotoAllowed(url: string, hosts: readonly string[]): boolean {
  if (hosts.length === 0) return true;
  const hostname = new URL(url).hostname.replace(/\.$/, "");
  return hosts.some((host) => (host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host));
}
