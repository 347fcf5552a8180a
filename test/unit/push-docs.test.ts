/** What docs/push.md says is what is sent. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encryptFor } from "../../src/push/encrypt.ts";
import { preparePush } from "../../src/push/send.ts";
import { TEXTS } from "../../src/push/texts/words.ts";
import { CONVERSATION, clear, inGroup, MESSAGE, target } from "../push/samples.ts";

const DOCUMENT = readFileSync(new URL("../../docs/push.md", import.meta.url), "utf8");
const SETTINGS = readFileSync(new URL("../../src/settings.ts", import.meta.url), "utf8");

/** Code blocks of a language. */
function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

type Decrypt = (
  content: Uint8Array,
  keys: { privateKey: CryptoKey; publicKey: Uint8Array; auth: Uint8Array },
) => Promise<Uint8Array>;

describe("docs/push.md", () => {
  it("[PUSH-P28] its JavaScript reads what is encrypted for a device", async () => {
    const code = blocks("js").find((block) => block.startsWith("async function decrypt")) ?? "";
    const decrypt = new Function(`${code}; return decrypt;`)() as Decrypt;
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const pair = (await crypto.subtle.generateKey(curve, true, ["deriveBits"])) as CryptoKeyPair;
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const auth = crypto.getRandomValues(new Uint8Array(16));
    const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
    const content = new TextEncoder().encode("Grüße");
    const encrypted = await encryptFor({ p256dh: base64url(publicKey), auth: base64url(auth) }, content);
    expect(await decrypt(encrypted, { privateKey: pair.privateKey, publicKey, auth })).toEqual(content);
  });

  it("[PUSH-P28] its examples are what is sent", async () => {
    const env = { PUSH_OPEN_URL: "https://app.example.com/c/{conversation_id}?m={message_id}" };
    const push = inGroup({ text: "See you at nine", unread_count: 3 });
    const keys = { p256dh: "", auth: "" };
    const examples = blocks("json").map((block) => JSON.parse(block) as unknown);
    const shorten = (payload: unknown) =>
      JSON.parse(
        JSON.stringify(payload).replaceAll(MESSAGE, "6a1f0c62-...").replaceAll(CONVERSATION, "6a1f0c62-..."),
      ) as unknown;
    for (const provider of ["fcm", "apns", "webpush"] as const) {
      const prepared = await preparePush(env, target({ provider, keys }), push, 0);
      expect(examples).toContainEqual(shorten(prepared?.payload));
    }
    for (const provider of ["fcm", "apns"] as const) {
      const prepared = await preparePush(env, target({ provider }), clear({ badge: 2 }), 0);
      const { data, aps, ...rest } = shorten(prepared?.payload) as Record<string, unknown>;
      const shown = JSON.stringify(provider === "fcm" ? { data } : { aps, ...rest });
      expect(DOCUMENT.replaceAll(/\s/g, "")).toContain(shown.replaceAll(/\s/g, ""));
    }
  });

  it("[PUSH-P28] it names every setting and every language", () => {
    const names = [...SETTINGS.matchAll(/^ {2}((?:FCM|APNS|VAPID|WEB_PUSH|PUSH)_\w+)\?/gm)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !DOCUMENT.includes(`\`${name}\``))).toEqual([]);
    for (const language of Object.keys(TEXTS)) expect(DOCUMENT).toMatch(new RegExp(`[ ,]${language}[,;]`));
  });
});
