/**
 * Apple's push service, as its documentation has it: "Sending notification requests to APNs", "Establishing a
 * token-based connection to APNs" and "Handling notification responses from APNs".
 */
import type { KeyObject } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { readJwt } from "./jwt.ts";
import { listen, type Received, type Reply, type Server } from "./listen.ts";
import type { Recorder } from "./recorder.ts";
import type { Answer } from "./wire.ts";

/** Who may push. */
export interface ApnsTeam {
  publicKey: KeyObject;
  keyId: string;
  teamId: string;
  /** Topics of the team begin with this. */
  topics: string;
}

/** Apple's table: the status of each reason. */
export const STATUS_OF: Record<string, number> = {
  BadCollapseId: 400,
  BadDeviceToken: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  InvalidProviderToken: 403,
  MissingProviderToken: 403,
  UnrelatedKeyIdInToken: 403,
  BadEnvironmentKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  ExpiredToken: 410,
  Unregistered: 410,
  PayloadTooLarge: 413,
  TooManyProviderTokenUpdates: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
};

const MAX_PAYLOAD_BYTES = 4096;
const MAX_COLLAPSE_ID_BYTES = 64;
/** Seconds that a provider token counts, and that a new one must wait. */
const TOKEN_LIFE_S = 3600;
const TOKEN_UPDATE_S = 1200;
const PUSH_TYPES = ["alert", "background"];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Keys of `aps` that must not be in a background notification ("Pushing background updates to your app"). */
const VISIBLE = ["alert", "badge", "sound"];

export class ApnsStandIn {
  readonly environment: "sandbox" | "production";
  #recorder: Recorder;
  #team: ApnsTeam;
  #server: Server | undefined;
  /** `iat` of the newest provider token. */
  #newest: number | undefined;

  constructor(environment: "sandbox" | "production", recorder: Recorder, team: ApnsTeam) {
    this.environment = environment;
    this.#recorder = recorder;
    this.#team = team;
  }

  async start(certificate?: Certificate): Promise<string> {
    this.#server = await listen(async (request) => this.#handle(request), certificate);
    return this.#server.origin;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #handle(request: Received): Reply {
    const token = /^\/3\/device\/([^/]*)$/.exec(request.url.pathname)?.[1];
    const { payload, reason: unreadable } = payloadOf(request.body);
    const problem =
      this.#problemOfRequest(request, token) ??
      this.#problemOfToken(request) ??
      headerProblem(request.headers, payload) ??
      unreadable ??
      this.#problemOfDevice(token ?? "", request.headers["apns-topic"] ?? "");
    const scripted = this.#recorder.take("apns", token ?? "", this.environment);
    const answer = scripted ?? (problem === undefined ? { status: 200 } : { reason: problem });
    const status = answer.behaviour ? 0 : (answer.status ?? STATUS_OF[answer.reason ?? ""] ?? 500);
    this.#recorder.add({
      provider: "apns",
      at: Date.now(),
      token: token ?? "",
      environment: this.environment,
      http_version: request.httpVersion,
      headers: request.headers,
      payload,
      bytes: request.body.length,
      // A token that is no longer valid is nothing that the request did wrong.
      problems: problem === undefined || DEVICE_REASONS.includes(problem) ? [] : [problem],
      status,
      reason: answer.reason ?? null,
    });
    return replyOf(answer, status, request.headers["apns-id"]);
  }

  #problemOfRequest(request: Received, token: string | undefined): string | undefined {
    if (token === undefined) return "BadPath";
    if (request.method !== "POST") return "MethodNotAllowed";
    return token === "" ? "MissingDeviceToken" : undefined;
  }

  #problemOfToken({ headers }: Received): string | undefined {
    const [, token] = /^bearer ([\w.-]+)$/i.exec(headers.authorization ?? "") ?? [];
    if (token === undefined) return "MissingProviderToken";
    const jwt = readJwt(token);
    const { iat, iss } = jwt?.claims ?? {};
    if (jwt?.header.alg !== "ES256" || jwt.header.kid !== this.#team.keyId) return "InvalidProviderToken";
    if (iss !== this.#team.teamId || typeof iat !== "number") return "InvalidProviderToken";
    if (!jwt.isSignedBy(this.#team.publicKey)) return "InvalidProviderToken";
    if (!this.#recorder.checkTime) return undefined;
    const now = Date.now() / 1000;
    if (iat < now - TOKEN_LIFE_S || iat > now + 60) return "ExpiredProviderToken";
    return this.#problemOfUpdate(iat);
  }

  /** Two tokens of one time count as one: the isolates of a service mint the same. */
  #problemOfUpdate(iat: number): string | undefined {
    const newest = this.#newest;
    if (newest === undefined || iat >= newest + TOKEN_UPDATE_S) this.#newest = iat;
    else if (iat > newest) return "TooManyProviderTokenUpdates";
    return undefined;
  }

  #problemOfDevice(token: string, topic: string): string | undefined {
    if (!topic.startsWith(this.#team.topics)) return "TopicDisallowed";
    // Tokens are bytes as hexadecimal digits; Apple says not to rely on their length.
    if (!/^(?:[0-9a-f]{2}){16,100}$/i.test(token)) return "BadDeviceToken";
    const facts = this.#recorder.tokens.get(token);
    if (facts?.environment !== undefined && facts.environment !== this.environment) return "BadDeviceToken";
    return facts?.topic !== undefined && facts.topic !== topic ? "DeviceTokenNotForTopic" : undefined;
  }
}

const DEVICE_REASONS = ["BadDeviceToken", "DeviceTokenNotForTopic"];

function headerProblem(headers: Record<string, string>, payload: unknown): string | undefined {
  const { "apns-push-type": type = "", "apns-priority": priority = "10" } = headers;
  if (!headers["apns-topic"]) return "MissingTopic";
  if (!PUSH_TYPES.includes(type)) return "InvalidPushType";
  if (!["1", "5", "10"].includes(priority)) return "BadPriority";
  if (type === "background" && priority === "10") return "BadPriority";
  if (!/^\d{1,10}$/.test(headers["apns-expiration"] ?? "0")) return "BadExpirationDate";
  if (Buffer.byteLength(headers["apns-collapse-id"] ?? "") > MAX_COLLAPSE_ID_BYTES) return "BadCollapseId";
  if (headers["apns-id"] !== undefined && !UUID.test(headers["apns-id"])) return "BadMessageId";
  return type === "background" ? backgroundProblem(payload) : undefined;
}

/** Apple drops such a notification without a word; here it is refused, so that tests see it. */
function backgroundProblem(payload: unknown): string | undefined {
  const aps = (payload as { aps?: Record<string, unknown> } | null)?.aps;
  if (aps?.["content-available"] !== 1) return "InvalidPushType";
  return VISIBLE.some((key) => key in aps) ? "InvalidPushType" : undefined;
}

function payloadOf(body: Buffer): { payload: unknown; reason?: string } {
  if (body.length === 0) return { payload: null, reason: "PayloadEmpty" };
  if (body.length > MAX_PAYLOAD_BYTES) return { payload: null, reason: "PayloadTooLarge" };
  try {
    const payload: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    const aps = (payload as { aps?: unknown } | null)?.aps;
    return typeof aps === "object" && aps !== null ? { payload } : { payload, reason: "PayloadEmpty" };
  } catch {
    return { payload: null, reason: "PayloadEmpty" };
  }
}

function replyOf(answer: Answer, status: number, id: string | undefined): Reply {
  const body =
    answer.body ??
    (answer.reason === undefined
      ? undefined
      : {
          reason: answer.reason,
          ...(answer.timestamp === undefined ? {} : { timestamp: answer.timestamp }),
        });
  const headers = { "apns-id": id ?? crypto.randomUUID().toUpperCase(), ...answer.headers };
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, body: text, behaviour: answer.behaviour, delay_ms: answer.delay_ms };
}
