/**
 * Google's token endpoint (RFC 7523, "Using OAuth 2.0 for server to server applications") and the send method of FCM
 * HTTP v1 ("REST Resource: projects.messages").
 */
import { type KeyObject, randomBytes } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { checkMessage } from "./fcm-message.ts";
import { readJwt } from "./jwt.ts";
import { listen, type Received, type Reply, type Server } from "./listen.ts";
import type { Recorder } from "./recorder.ts";
import type { Answer, StandIn } from "./wire.ts";

/** The account that may push. */
export interface ServiceAccount {
  publicKey: KeyObject;
  projectId: string;
  clientEmail: string;
  keyId: string;
}

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
/** Seconds that an access token counts: what Google answers. */
const TOKEN_LIFE_S = 3599;
const MAX_ASSERTION_S = 3600;
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/** The status of each `ErrorCode`, and Google's canonical code beside it. */
const STATUS_OF: Record<string, [number, string]> = {
  INVALID_ARGUMENT: [400, "INVALID_ARGUMENT"],
  UNREGISTERED: [404, "NOT_FOUND"],
  SENDER_ID_MISMATCH: [403, "PERMISSION_DENIED"],
  QUOTA_EXCEEDED: [429, "RESOURCE_EXHAUSTED"],
  UNAVAILABLE: [503, "UNAVAILABLE"],
  INTERNAL: [500, "INTERNAL"],
  THIRD_PARTY_AUTH_ERROR: [401, "UNAUTHENTICATED"],
};

export class FcmStandIn {
  #recorder: Recorder;
  #account: ServiceAccount;
  #server: Server | undefined;
  /** Access tokens, and when they end. */
  #tokens = new Map<string, number>();

  constructor(recorder: Recorder, account: ServiceAccount) {
    this.#recorder = recorder;
    this.#account = account;
  }

  /** The address of both endpoints: `/token`, and `/v1/...`. */
  async start(certificate?: Certificate): Promise<string> {
    this.#server = await listen(
      async (request) => (request.url.pathname === "/token" ? this.#grant(request) : this.#send(request)),
      certificate,
    );
    return this.#server.origin;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** Access tokens that were given out stop to count, as if an operator had revoked the key. */
  revoke(): void {
    this.#tokens.clear();
  }

  #grant(request: Received): Reply {
    const form = new URLSearchParams(request.body.toString("utf8"));
    const { claims, problem } = this.#checkAssertion(request, form);
    const scripted = this.#recorder.take("fcm_oauth", "");
    if (scripted || problem !== undefined) {
      const answer = scripted ?? {
        status: 400,
        body: { error: "invalid_grant", error_description: problem },
      };
      return this.#record("fcm_oauth", request, "", claims, problem ? [problem] : [], answer, answer.body);
    }
    const token = randomBytes(24).toString("base64url");
    this.#tokens.set(token, Date.now() + TOKEN_LIFE_S * 1000);
    const body = { access_token: token, expires_in: TOKEN_LIFE_S, token_type: "Bearer" };
    return this.#record("fcm_oauth", request, "", claims, [], { status: 200 }, body);
  }

  #checkAssertion(request: Received, form: URLSearchParams): { claims: unknown; problem?: string } {
    const jwt = readJwt(form.get("assertion") ?? "");
    if (request.method !== "POST" || form.get("grant_type") !== GRANT || !jwt) {
      return { claims: null, problem: "no assertion" };
    }
    const { claims, header } = jwt;
    const now = Date.now() / 1000;
    const { iat, exp } = claims;
    const isInTime =
      typeof iat === "number" && typeof exp === "number" && exp > iat && exp - iat <= MAX_ASSERTION_S;
    const rules: [string, boolean][] = [
      ["alg", header.alg === "RS256"],
      ["kid", header.kid === undefined || header.kid === this.#account.keyId],
      ["iss", claims.iss === this.#account.clientEmail],
      ["aud", claims.aud === `${this.#server?.origin}/token`],
      ["scope", String(claims.scope).split(" ").includes(SCOPE)],
      ["iat and exp", isInTime],
      ["time", !this.#recorder.checkTime || (Number(iat) < now + 60 && Number(exp) > now)],
      ["signature", jwt.isSignedBy(this.#account.publicKey)],
    ];
    const broken = rules.filter(([, holds]) => !holds).map(([name]) => name);
    return broken.length > 0 ? { claims, problem: `assertion: ${broken.join(", ")}` } : { claims };
  }

  #send(request: Received): Reply {
    const { payload, token, problems } = checkMessage(request, this.#account.projectId);
    const scripted = this.#recorder.take("fcm", token);
    const [, bearer = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    const isKnown = (this.#tokens.get(bearer) ?? 0) > Date.now();
    const answer = scripted ?? this.#answer(isKnown, problems);
    const body = answer.body ?? bodyOf(answer, problems, this.#account.projectId);
    return this.#record("fcm", request, token, payload, problems, answer, body);
  }

  #answer(isKnown: boolean, problems: string[]): Answer {
    if (!isKnown) return { status: 401 };
    return problems.length > 0 ? { status: 400 } : { status: 200 };
  }

  #record(
    provider: StandIn,
    request: Received,
    token: string,
    payload: unknown,
    problems: string[],
    answer: Answer,
    body: unknown,
  ): Reply {
    const status = answer.behaviour ? 0 : (answer.status ?? STATUS_OF[answer.reason ?? ""]?.[0] ?? 500);
    const { headers, httpVersion, body: bytes } = request;
    this.#recorder.add({
      provider,
      at: Date.now(),
      token,
      http_version: httpVersion,
      headers,
      payload,
      bytes: bytes.length,
      problems,
      status,
      reason: answer.reason ?? null,
    });
    const type = { "content-type": "application/json; charset=UTF-8", ...answer.headers };
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    return { status, headers: type, body: text, behaviour: answer.behaviour };
  }
}

/** The body of an answer, in Google's form. */
function bodyOf({ status = 0, reason }: Answer, problems: string[], project: string): unknown {
  if (reason !== undefined) {
    const [code, canonical] = STATUS_OF[reason] ?? [status, "UNKNOWN"];
    const details = [{ "@type": FCM_ERROR, errorCode: reason }];
    return { error: { code: status || code, message: `scripted: ${reason}`, status: canonical, details } };
  }
  if (status === 200)
    return { name: `projects/${project}/messages/0:${Date.now()}%${randomBytes(8).toString("hex")}` };
  if (status === 401) {
    const message = "Request had invalid authentication credentials.";
    return { error: { code: 401, message, status: "UNAUTHENTICATED" } };
  }
  const details = [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: problems.map((description) => ({ field: "message", description })),
    },
  ];
  return { error: { code: status, message: problems.join("; "), status: "INVALID_ARGUMENT", details } };
}
