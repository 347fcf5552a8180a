/** The routes that only the app's own backend may use, and every other one in a user's name. */
import type { Job, PushCheck, RebuildDirectory, RebuiltDirectory } from "@rocket-chat-api/protocol";
import type { GrantedScope } from "@rocket-chat-api/protocol/facts";
import { type Acting, acting } from "./acting.ts";
import type { Given } from "./given.ts";
import { type Fetch, Http, segment } from "./http.ts";
import { ModerationRoutes } from "./moderation.ts";
import { type ServerTokenOptions, serverToken } from "./tokens.ts";

/** How the backend signs in: with one of `key`, `secret` and `token`. */
export interface ChatServerOptions extends Omit<ServerTokenOptions, "secret" | "scopes" | "seconds"> {
  /** The service: `https://chat.example.com`. */
  url: string;
  /** An API key, made by `npm run keys`. */
  key?: string;
  /** `JWT_SECRET` of the service: the library makes server tokens with it. */
  secret?: string;
  /** The scopes of those tokens; all of them. */
  scopes?: readonly GrantedScope[];
  /** A server token, where your identity provider signs it. */
  token?: () => string | Promise<string>;
  /** Instead of the platform's `fetch`. */
  fetch?: Fetch;
}

/** A made token is replaced so long before it ends, in milliseconds. */
const EARLY_MS = 60_000;
const HOUR_MS = 3_600_000;

function credentialOf(options: ChatServerOptions): () => Promise<string> {
  const { key, secret, token, scopes = ["*"], issuer, subject, audience } = options;
  if (key !== undefined) return async () => key;
  if (token !== undefined) return async () => await token();
  if (secret === undefined) throw new TypeError("one of key, secret and token is needed");
  let made: { token: Promise<string>; until: number } | undefined;
  return () => {
    if (!made || made.until < Date.now()) {
      const fresh = serverToken({ secret, scopes, issuer, subject, audience });
      made = { token: fresh, until: Date.now() + HOUR_MS - EARLY_MS };
    }
    return made.token;
  };
}

/** Milliseconds between two looks at a job. */
const LOOK_MS = 500;

/**
 * The service, as a backend sees it. Its methods lie in layers, one file for each area: users, conversations, moderation. A backend
 * calls all of them on this one object.
 */
export class ChatServer extends ModerationRoutes {
  constructor(options: ChatServerOptions) {
    super(new Http(options.url, credentialOf(options), options.fetch));
  }

  /** A user, in whose name every route can be asked. @param user a user id, or `ext:<sub>`. */
  as(user: string): Acting {
    return acting(this.http, user);
  }

  /** What would be pushed to a user for a message: the decision for each device, and the three payloads. Nothing is sent. */
  checkPush(user: string, messageId: string): Promise<PushCheck> {
    return this.http.request("POST", "/server/push/check", { body: { user, message_id: messageId } });
  }

  /** Lets conversations or users give a lost directory back what they know. Scope `operate`; see `npm run rebuild`. */
  rebuildDirectory(wanted: Given<RebuildDirectory> & Pick<RebuildDirectory, "kind" | "objects">) {
    return this.http.request<RebuiltDirectory>("POST", "/server/directory/rebuild", { body: wanted });
  }

  /** Gives a directory that was put back to an earlier state a new identity, so that clients ask for everything. Scope `operate`. */
  renewDirectory(): Promise<void> {
    return this.http.request("POST", "/server/directory/renew");
  }

  /**
   * Takes a conversation back to a time of the last 30 days, or to a state that an earlier recovery has named. `waitForJob` brings
   * the state from right before, with which it can be undone. Scope `operate`.
   * @param to the time, or the state.
   */
  recoverConversation(conversationId: string, to: Date | { bookmark: string }): Promise<{ job_id: string }> {
    const body = to instanceof Date ? { to: to.toISOString() } : to;
    return this.http.request("POST", `/server/conversations/${segment(conversationId)}/recover`, { body });
  }

  job(jobId: string): Promise<Job> {
    return this.http.request("GET", `/server/jobs/${segment(jobId)}`);
  }

  /** Waits until a job has ended, and returns how. */
  async waitForJob(jobId: string): Promise<Job> {
    for (;;) {
      const job = await this.job(jobId);
      if (job.status !== "running") return job;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
