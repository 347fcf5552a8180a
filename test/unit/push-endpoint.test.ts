import { afterEach, describe, expect, it, vi } from "vitest";
import { isPublicAddress } from "../../src/push/addresses.ts";
import { checkEndpoint } from "../../src/push/endpoint.ts";

/** Addresses that a request must never reach, and one that it may beside most ranges. */
const PRIVATE = [
  ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1"],
  ...["127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1"],
  ...["192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7"],
  ...["203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
  ...["::", "::1", "0:0:0:0:0:0:0:1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1"],
  // Mapped, compatible, translated and tunnelled IPv4 addresses.
  ...["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::10.0.0.1"],
  ...["64:ff9b::a00:1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1"],
  ...[
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "100::1",
    "5f00::1",
  ],
  ...[
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.2.3.-4",
    "0x7f.0.0.1",
    "::g",
    "1::2::3",
    "1:2:3:4:5:6:7",
  ],
  ...["1:2:3:4:5:6:7:8:9", "::ffff:1.2.3", ":::", "fe80::1%eth0", "[::1]", "2001:4860:4860:0:0:0:0::8888:1"],
];
const PUBLIC = [
  ...["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
  ...["128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1"],
  ...["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"],
  ...["2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001:80e::200a", "2001:200::1"],
  ...["64:ff9b::8.8.8.8", "2002:808:808::1", "2002:101:101::"],
];

describe("public addresses", () => {
  it.each(PRIVATE)("[PUSH-P12] %j is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(PUBLIC)("[PUSH-P12] %s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

const KNOWN = [
  "https://fcm.googleapis.com/fcm/send/abc",
  "https://jmt17.google.com/fcm/send/abc",
  "https://updates.push.services.mozilla.com/wpush/v2/abc",
  "https://web.push.apple.com/QGuQ",
  "https://api.push.apple.com/x",
  "https://wns2-par02p.notify.windows.com/w/?token=abc",
  "https://FCM.googleapis.com:443/fcm/send/abc",
];

/** The same with every setting: nothing makes them safe. */
const NEVER = [
  ...["http://fcm.googleapis.com/x", "https://user@fcm.googleapis.com/x", "https://u:p@push.example.com/"],
  ...[
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0177.0.0.1/",
  ],
  ...[
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fd00::1]/x",
    "https://169.254.169.254/latest",
  ],
  ...[
    "https://8.8.8.8/x",
    "https://１２７.0.0.1/x",
    "https://127。0。0。1/x",
    "https://localhost/x",
    "https://a.localhost/",
  ],
  ...[
    "https://metadata.google.internal/x",
    "https://printer.local/x",
    "https://intranet/x",
    "https://push.lan/",
  ],
  ...["https://fcm.googleapis.com./x", "https://push.example.com:8443/x", "https://fcm.googleapis.com:444/x"],
  ...[
    "ftp://fcm.googleapis.com/x",
    "file:///etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "fcm.googleapis.com",
    "",
  ],
];

const UNKNOWN = [
  "https://push.example.com/x",
  "https://evil-fcm.googleapis.com/x",
  "https://fcm.googleapis.com.evil.example/x",
  "https://notify.windows.com/x",
  "https://evilnotify.windows.com/x",
  "https://push.services.mozilla.com.example.org/x",
  "https://fcm.googleapis.com%2eevil.example/x",
];

/** A resolver with these answers. */
function resolver(names: Record<string, string[] | number>) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const url = new URL(String(input));
    const entry = names[url.searchParams.get("name") ?? ""] ?? 3;
    if (typeof entry === "number") return Response.json({ Status: entry });
    const v6 = url.searchParams.get("type") === "AAAA";
    const type = v6 ? 28 : 1;
    const Answer = entry.filter((one) => one.includes(":") === v6).map((data) => ({ type, data }));
    return Response.json({ Status: 0, Answer: [{ type: 5, data: "alias.example.com." }, ...Answer] });
  });
}

describe("endpoints of Web Push", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(KNOWN)("[PUSH-P13] %s is known, and nothing is resolved", async (endpoint) => {
    const asked = resolver({});
    expect(await checkEndpoint({}, endpoint)).toBeUndefined();
    expect(await checkEndpoint({ WEB_PUSH_HOSTS: "*" }, endpoint)).toBeUndefined();
    expect(asked).not.toHaveBeenCalled();
  });

  it.each(NEVER)("[PUSH-P13] %j is refused whatever is set", async (endpoint) => {
    const asked = resolver({ "push.example.com": ["1.1.1.1"] });
    for (const WEB_PUSH_HOSTS of ["", "*", "push.example.com, *"]) {
      expect((await checkEndpoint({ WEB_PUSH_HOSTS }, endpoint))?.code).toBe("VALIDATION_ERROR");
    }
    expect(asked).not.toHaveBeenCalled();
  });

  it.each(UNKNOWN)("[PUSH-P13] %s is refused unless the operator names it", async (endpoint) => {
    expect((await checkEndpoint({}, endpoint))?.code).toBe("VALIDATION_ERROR");
  });

  it("[PUSH-P13] a host of the setting is allowed, a host with a port as it is", async () => {
    const env = { WEB_PUSH_HOSTS: " Push.Example.com, localhost:8443,10.0.0.7:443,push.example.org:9000 " };
    const verdicts = async (...urls: string[]) =>
      await Promise.all(urls.map(async (url) => (await checkEndpoint(env, url)) === undefined));
    expect(
      await verdicts(
        "https://push.example.com/x",
        "http://localhost:8443/x",
        "https://localhost:8443/x",
        "https://10.0.0.7/x",
        "https://push.example.org:9000/x",
      ),
    ).toEqual([true, true, true, true, true]);
    expect(
      await verdicts(
        "https://other.push.example.com/x",
        "http://localhost:8444/x",
        "http://10.0.0.7:443/x",
        "http://push.example.org:9000/x",
        "https://push.example.org/x",
        "http://push.example.com/x",
      ),
    ).toEqual([false, false, false, false, false, false]);
  });

  it.each([
    ["public addresses", ["1.1.1.1", "2606:4700::1"], undefined],
    ["one private address among public ones", ["1.1.1.1", "10.0.0.1"], "VALIDATION_ERROR"],
    ["a private address of IPv6 beside a public one of IPv4", ["1.1.1.1", "fd00::1"], "VALIDATION_ERROR"],
    ["no address", [], "VALIDATION_ERROR"],
    ["no such name", 3, "VALIDATION_ERROR"],
    ["a resolver that fails", 2, "SERVICE_UNAVAILABLE"],
  ])("[PUSH-P13] with `*`: %s", async (_, addresses, code) => {
    resolver({ "push.example.net": addresses });
    const failure = await checkEndpoint({ WEB_PUSH_HOSTS: "*" }, "https://push.example.net/x");
    expect(failure?.code).toBe(code);
  });

  it("[PUSH-P13] with `*` and a resolver that cannot be reached, nothing is allowed", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("down"));
    const failure = await checkEndpoint({ WEB_PUSH_HOSTS: "*" }, "https://push.example.net/x");
    expect(failure?.code).toBe("SERVICE_UNAVAILABLE");
    const unsafe = { WEB_PUSH_HOSTS: "*", PUSH_DNS_URL: "http://resolver.example.com/dns-query" };
    expect((await checkEndpoint(unsafe, "https://push.example.net/x"))?.code).toBe("SERVICE_UNAVAILABLE");
  });
});
