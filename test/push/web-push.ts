/** A push service of a browser (RFC 8030, RFC 8292), and the browser behind it, which decrypts (RFC 8291, RFC 8188). */
import { createECDH, type ECDH, randomBytes } from "node:crypto";
import ece from "http_ece";
import type { Certificate } from "./certificate.ts";
import { publicKeyOf, readJwt } from "./jwt.ts";
import { listen, type Received, type Reply, type Server } from "./listen.ts";
import type { Recorder } from "./recorder.ts";
import type { Subscription } from "./wire.ts";

interface Browser {
  key: ECDH;
  auth: Buffer;
  isGone: boolean;
}

/** Bytes of a body that every service takes (RFC 8030, section 7.2). */
const MAX_BODY_BYTES = 4096;
/** RFC 8292, section 2. */
const MAX_VAPID_LIFE_S = 24 * 3600;
const URGENCIES = ["very-low", "low", "normal", "high"];

export class WebPushStandIn {
  #recorder: Recorder;
  #server: Server | undefined;
  #browsers = new Map<string, Browser>();
  /** The key that browsers subscribed with, base64url. */
  #serverKey: string;

  constructor(recorder: Recorder, serverKey: string) {
    this.#recorder = recorder;
    this.#serverKey = serverKey;
  }

  async start(certificate?: Certificate): Promise<string> {
    this.#server = await listen(async (request) => this.#handle(request), certificate);
    return this.#server.origin;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** What `pushManager.subscribe()` does. */
  subscribe(): Subscription {
    const key = createECDH("prime256v1");
    key.generateKeys();
    const id = randomBytes(24).toString("base64url");
    const auth = randomBytes(16);
    this.#browsers.set(id, { key, auth, isGone: false });
    const p256dh = key.getPublicKey("base64url");
    return {
      endpoint: `${this.#server?.origin}/push/${id}`,
      keys: { p256dh, auth: auth.toString("base64url") },
    };
  }

  /** What `subscription.unsubscribe()` does. */
  unsubscribe(id: string): void {
    const browser = this.#browsers.get(id);
    if (browser) browser.isGone = true;
  }

  #handle(request: Received): Reply {
    const id = /^\/push\/([\w-]+)$/.exec(request.url.pathname)?.[1] ?? "";
    const browser = this.#browsers.get(id);
    const problems = [...problemsOfHeaders(request), ...this.#problemsOfVapid(request)];
    const opened = browser && decrypt(request.body, browser);
    if (opened?.problem !== undefined) problems.push(opened.problem);
    const scripted = this.#recorder.take("webpush", id);
    const answer = scripted ?? { status: this.#status(request, browser, problems) };
    const status = answer.behaviour ? 0 : (answer.status ?? 500);
    const { headers, httpVersion, body } = request;
    this.#recorder.add({
      provider: "webpush",
      at: Date.now(),
      token: id,
      http_version: httpVersion,
      headers,
      payload: opened?.payload ?? null,
      bytes: body.length,
      problems,
      status,
      reason: answer.reason ?? null,
    });
    const location = `${this.#server?.origin}/message/${randomBytes(12).toString("base64url")}`;
    const text =
      typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? { errno: status });
    return {
      status,
      headers: { ...(status === 201 ? { location } : {}), ...answer.headers },
      body: status === 201 ? "" : text,
      behaviour: answer.behaviour,
    };
  }

  #status({ body }: Received, browser: Browser | undefined, problems: string[]): number {
    if (!browser) return 404;
    if (browser.isGone) return 410;
    if (problems.some((problem) => problem.startsWith("vapid"))) return 403;
    if (body.length > MAX_BODY_BYTES) return 413;
    return problems.length > 0 ? 400 : 201;
  }

  #problemsOfVapid({ headers }: Received): string[] {
    const [, token = "", key = ""] =
      /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(headers.authorization ?? "") ?? [];
    const jwt = readJwt(token);
    if (!jwt) return ["vapid: no token"];
    const { aud, exp, sub } = jwt.claims;
    const now = Date.now() / 1000;
    const isInTime = typeof exp === "number" && exp > now && exp <= now + MAX_VAPID_LIFE_S;
    const rules: [string, boolean][] = [
      ["alg", jwt.header.alg === "ES256"],
      ["aud", aud === this.#server?.origin],
      ["exp", isInTime || (!this.#recorder.checkTime && typeof exp === "number")],
      ["sub", /^(?:mailto:.+@|https:\/\/)/.test(String(sub))],
      ["key", key === this.#serverKey],
      ["signature", isSigned(jwt.isSignedBy, key)],
    ];
    return rules.filter(([, holds]) => !holds).map(([name]) => `vapid: ${name}`);
  }
}

function isSigned(isSignedBy: (key: ReturnType<typeof publicKeyOf>) => boolean, key: string): boolean {
  try {
    return isSignedBy(publicKeyOf(Buffer.from(key, "base64url")));
  } catch {
    return false;
  }
}

function problemsOfHeaders({ method, headers, body }: Received): string[] {
  return [
    ...(method === "POST" ? [] : ["the method is not POST"]),
    ...(/^\d{1,10}$/.test(headers.ttl ?? "") ? [] : ["no TTL"]),
    ...(headers.urgency === undefined || URGENCIES.includes(headers.urgency) ? [] : ["urgency"]),
    ...(headers.topic === undefined || /^[A-Za-z0-9_-]{1,32}$/.test(headers.topic) ? [] : ["topic"]),
    ...(headers["content-encoding"] === "aes128gcm" ? [] : ["the encoding is not aes128gcm"]),
    ...(body.length > MAX_BODY_BYTES ? ["the body is too large"] : []),
  ];
}

/** What the page gets. A service would not notice; the browser would drop it. */
function decrypt(body: Buffer, { key, auth }: Browser): { payload: unknown; problem?: string } {
  try {
    const text = ece.decrypt(body, {
      version: "aes128gcm",
      privateKey: key,
      authSecret: auth.toString("base64url"),
    });
    return { payload: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) };
  } catch (error) {
    return { payload: null, problem: `cannot be decrypted: ${error instanceof Error ? error.message : ""}` };
  }
}
