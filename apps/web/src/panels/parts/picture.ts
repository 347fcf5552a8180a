/** Addresses of pictures, as the API takes them (docs/contract.md, rule 3). */

/** Addresses of this machine may be without https, for development. */
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether the API takes an address of a picture; an empty one is none. */
export function isPicture(address: string): boolean {
  if (address === "") return true;
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && LOCAL.test(hostname));
}
