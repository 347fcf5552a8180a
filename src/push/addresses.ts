/** Which IP addresses are public. */

/** Ranges of IPv4 that are not: the IANA special-purpose registry (RFC 6890), and multicast. */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
].map((range) => {
  const [address = "", bits = "0"] = range.split("/");
  return { start: parseV4(address) ?? 0, bits: Number(bits) };
});

/** 2001:0000 (Teredo and protocol assignments), documentation, AS112, and the like lie within 2000::/3. */
const NOT_PUBLIC_V6 = ["2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"].map((range) => {
  const [address = "", bits = "0"] = range.split("/");
  return { start: parseV6(address) ?? 0n, bits: BigInt(bits) };
});

/** Global unicast addresses: all others are local, mapped, or not assigned. */
const GLOBAL_UNICAST = 0b001n;
/** 6to4 (RFC 3056): the 32 bits after the prefix are an IPv4 address. */
const SIX_TO_FOUR = 0x2002n;
/** NAT64 (RFC 6052): the last 32 bits are one. */
const NAT64 = 0x0064_ff9b_0000_0000_0000_0000n;

function parseV4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

function isPublicV4(address: number): boolean {
  return !NOT_PUBLIC_V4.some(({ start, bits }) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(start / size);
  });
}

/** The 128 bits of an address, which may end in an IPv4 address. */
function parseV6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = dotted?.[2] === undefined ? undefined : parseV4(dotted[2]);
  if (dotted && low === undefined) return undefined;
  const groups =
    low === undefined ? text : `${dotted?.[1]}${(low >>> 16).toString(16)}:${(low & 0xffff).toString(16)}`;
  const [head = "", tail, ...more] = groups.split("::");
  if (more.length > 0) return undefined;
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...new Array<string>(missing).fill("0"), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function isPublicV6(address: bigint): boolean {
  if (address >> 32n === NAT64) return isPublicV4(Number(address & 0xffff_ffffn));
  if (address >> 112n === SIX_TO_FOUR) return isPublicV4(Number((address >> 80n) & 0xffff_ffffn));
  if (address >> 125n !== GLOBAL_UNICAST) return false;
  return !NOT_PUBLIC_V6.some(({ start, bits }) => address >> (128n - bits) === start >> (128n - bits));
}

/**
 * Whether an address can be reached from the internet. What is no address is not public.
 * @param text IPv4 in four decimal parts, or IPv6 without brackets.
 */
export function isPublicAddress(text: string): boolean {
  const v4 = parseV4(text);
  if (v4 !== undefined) return isPublicV4(v4);
  const v6 = parseV6(text);
  return v6 !== undefined && isPublicV6(v6);
}
