/** What goes over the control interface of the stand-ins. No imports: tests in workerd use it too. */

/** Who received a request. `fcm_oauth` is Google's token endpoint. */
export type StandIn = "fcm" | "fcm_oauth" | "apns" | "webpush";

/** One push that a stand-in was sent, whatever it answered. */
export interface ReceivedPush {
  provider: StandIn;
  /** Milliseconds since 1970, by the clock of the stand-in. */
  at: number;
  /** The device token; for Web Push the subscription's id, the last part of its endpoint. Empty at `fcm_oauth`. */
  token: string;
  /** Which of Apple's two services. */
  environment?: "sandbox" | "production";
  /** `1.1` or `2.0`. */
  http_version: string;
  headers: Record<string, string>;
  /** The body, parsed; of Web Push what the browser decrypts; of `fcm_oauth` the claims. Null if it cannot be read. */
  payload: unknown;
  /** Bytes of the body as sent. */
  bytes: number;
  /** What the protocol forbids and the request did. Empty in a right request. */
  problems: string[];
  /** What was answered; 0 for no answer, or none that was whole. */
  status: number;
  reason: string | null;
}

/** What a stand-in does instead of answering by its protocol. */
export interface Answer {
  status?: number;
  /** Of APNs: the reason in the body. Of FCM: the `errorCode` in an `FcmError`. */
  reason?: string;
  /** The body, in place of the provider's own form. Text goes out as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Of APNs with 410: when the token was no longer valid, in milliseconds since 1970. */
  timestamp?: number;
  /** Milliseconds until it answers. */
  delay_ms?: number;
  /**
   * `hang`: never answers. `reset`: cuts the connection. `goaway`: ends the HTTP/2 connection (over HTTP/1.1 like reset).
   * `stall`: the body never ends. `flood`: the body is endless.
   */
  behaviour?: "hang" | "reset" | "goaway" | "stall" | "flood";
}

/** A scripted answer. The first rule that fits a request is used. */
export interface Rule {
  provider: StandIn;
  /** For this token alone. Left out: for every token. */
  token?: string;
  /** Of APNs: at this service alone. */
  environment?: "sandbox" | "production";
  /** How often; left out, until the next reset. */
  times?: number;
  answer: Answer;
}

/** What APNs knows of a token. Unknown ones are valid in both environments, for every topic. */
export interface TokenFacts {
  token: string;
  environment?: "sandbox" | "production";
  topic?: string;
}

/** `PushSubscription.toJSON()`, as a browser gives it. */
export interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** What all stand-ins do differently. */
export interface Options {
  /** False: tokens are not refused for their age. For tests that move the clock of the service. */
  check_time?: boolean;
}

/** Settings of the service that lead it to the stand-ins, as bindings or lines of `.dev.vars`. */
export type PushSettings = Record<string, string>;
