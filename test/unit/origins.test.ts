import { describe, expect, it } from "vitest";
import { isAllowedOrigin, normalizeOrigin, parseOrigins } from "../../src/domain/origins.ts";

const OWN = "https://chat.test";

function allows(setting: string, origin: string, loopback = false): boolean {
  return isAllowedOrigin(origin, OWN, parseOrigins(setting, loopback));
}

/** Asserts for each origin whether a setting allows it. */
function check(setting: string, expected: Record<string, boolean>, loopback = false): void {
  for (const [origin, isAllowed] of Object.entries(expected)) {
    expect([setting, origin, allows(setting, origin, loopback)]).toEqual([setting, origin, isAllowed]);
  }
}

describe("origins", () => {
  it("[R4 ORIGIN-1] an entry matches however it is spelled: slash, capitals, spaces, default port, IDN", () => {
    for (const entry of [
      "https://app.example.com",
      "https://app.example.com/",
      "HTTPS://App.Example.COM",
      "https://app.example.com:443",
      " https://APP.example.com:443/ , ",
      "https://other.example,https://app.example.com/",
    ]) {
      check(entry, {
        "https://app.example.com": true,
        "https://app.example.com:443": true,
        "https://app.example.com:8443": false,
        "http://app.example.com": false,
        "https://example.com": false,
        "https://app.example.com.evil.example": false,
        "https://evil-app.example.com": false,
      });
    }
    check("http://localhost:5173/", { "http://localhost:5173": true, "http://localhost:5174": false });
    check("http://app.example.com:80", { "http://app.example.com": true });
    check("https://Bücher.example", { "https://xn--bcher-kva.example": true });
    check("capacitor://LOCALHOST", { "capacitor://localhost": true, "ionic://localhost": false });
  });

  it("[R4 ORIGIN-2] a wildcard is exactly one label, of one scheme and port", () => {
    for (const entry of ["https://*.example.com", "HTTPS://*.Example.com:443/"]) {
      check(entry, {
        "https://app.example.com": true,
        "https://APP.example.com": true,
        "https://a-b-1.example.com": true,
        "https://wildcard-label.example.com": true,
        "https://example.com": false,
        "https://.example.com": false,
        "https://a.b.example.com": false,
        "https://app.example.com.evil.example": false,
        "https://evilexample.com": false,
        "https://evil.example/.example.com": false,
        "https://evil.example:1.example.com": false,
        "https://x@app.example.com": false,
        "http://app.example.com": false,
        "https://app.example.com:8443": false,
      });
    }
    check("https://*.example.com:8443", {
      "https://app.example.com:8443": true,
      "https://app.example.com": false,
      "https://app.example.com:18443": false,
    });
    check("http://*.localhost:5173", { "http://shop.localhost:5173": true, "http://localhost:5173": false });
    check("https://wildcard-label.example.com", { "https://app.example.com": false });
  });

  it("[R4 ORIGIN-3] null, rubbish and an empty setting allow nobody but the service's own pages", () => {
    for (const setting of ["", ",", "null", "*", "https://app.example.com"]) {
      for (const origin of [
        "null",
        "",
        "*",
        "https://",
        "app",
        "https://a https://b",
        "https://evil.example",
      ]) {
        for (const loopback of [true, false]) check(setting, { [origin]: false }, loopback);
      }
      check(setting, { [OWN]: true, "http://localhost:5173": false });
    }
  });

  it("[R4 ORIGIN-4] what is not an origin is named with its reason, and the rest still counts", () => {
    const faults = {
      "app.example.com": "scheme, host and port",
      "localhost:5173": "scheme, host and port",
      "https://app.example.com/chat": "scheme, host and port",
      "https://app.example.com?x": "scheme, host and port",
      "https://user@app.example.com": "scheme, host and port",
      "https://a https://b": "scheme, host and port",
      '"https://app.example.com"': "scheme, host and port",
      "https:///app.example.com": "scheme, host and port",
      null: "scheme, host and port",
      "wss://app.example.com": "https:// or http://",
      "file://host": "https:// or http://",
      "*": "every site",
      "https://*": "whole first label",
      "https://app-*.example.com": "whole first label",
      "https://app.*.com": "whole first label",
      "https://*.*.example.com": "whole first label",
      "https://*.com": "top-level domain",
    };
    for (const [entry, reason] of Object.entries(faults)) {
      const rules = parseOrigins(`${entry}, https://good.example`);
      expect(rules.invalid).toEqual([{ entry, reason: expect.stringContaining(reason) }]);
      expect([...rules.exact, rules.wildcards]).toEqual(["https://good.example", []]);
    }
    expect(parseOrigins("https://a.example,, http://[::1]:80 ,https://*.a.example").invalid).toEqual([]);
  });

  it("[R4 ORIGIN-5] `npm run dev` allows every loopback origin on any port, and nothing that looks like one", () => {
    const loopback = [
      "http://localhost:5173",
      "https://localhost",
      "http://shop.localhost:3000",
      "http://a.b.localhost",
      "http://127.0.0.1:8080",
      "https://127.8.9.1",
      "http://[::1]:4200",
    ];
    for (const origin of loopback) check("", { [origin]: true }, true);
    for (const origin of loopback) check("", { [origin]: false }, false);
    for (const origin of [
      "http://localhost.evil.example",
      "http://evillocalhost",
      "http://127.0.0.1.evil.example",
      "http://192.168.0.2:5173",
      "http://0.0.0.0:5173",
      "http://[::2]",
      "ftp://localhost",
    ]) {
      check("", { [origin]: false }, true);
    }
  });

  it("[R4 ORIGIN-6] an origin without a host is none", () => {
    for (const text of [
      "https://",
      "file:///etc",
      "data:text/html,x",
      "about:blank",
      "//a.example",
      "https:a",
    ]) {
      expect(normalizeOrigin(text)).toBeUndefined();
    }
  });
});
