import { describe, expect, it } from "vitest";
import { isOwnHost } from "../../src/development/hosts.ts";

const hostname = (host: string) => new URL(`http://${host}:8787/`).hostname;

describe("under which names the development server signs in", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "chat.localhost",
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "192.168.1.20",
    "[::1]",
    "[fe80::1]",
  ])("[BUNDLE-5] %s is one", (host) => expect(isOwnHost(hostname(host))).toBe(true));

  it.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
    "1.2.3.4.5e",
    "localhost.",
  ])("[BUNDLE-5] %s is none", (host) => expect(isOwnHost(hostname(host))).toBe(false));

  it("[BUNDLE-5] names of one's own are, and with a dot all below them", () => {
    const own = "chat.test, .tunnel.example,";
    expect(
      ["chat.test", "CHAT.test", "a.tunnel.example"].map((host) => isOwnHost(hostname(host), own)),
    ).toEqual([true, true, true]);
    expect(
      ["test", "xchat.test", "tunnel.example", "xtunnel.example"].map((host) => isOwnHost(host, own)),
    ).toEqual([false, false, false, false]);
    expect(isOwnHost("", ",")).toBe(false);
  });
});
