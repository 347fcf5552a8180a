/** Routes about users and their data. */
import type { EraseUser, PutUser, ServerUser } from "@rocket-chat-api/protocol";
import type { Given } from "./given.ts";
import { type Http, segment } from "./http.ts";

/** The first layer of `ChatServer`: users, their tokens, their devices, and their export and erasure. */
export class UserRoutes {
  /** What asks the service. */
  protected readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  /** Makes a user, or changes one. Repeating it is harmless. */
  putUser(user: string, profile: Given<PutUser> = {}): Promise<ServerUser> {
    return this.http.request("PUT", `/server/users/${segment(user)}`, { body: profile });
  }

  /** The same for up to 100 users. */
  async putUsers(users: readonly ({ user_id: string } & Given<PutUser>)[]): Promise<ServerUser[]> {
    const body = { users };
    return (await this.http.request<{ users: ServerUser[] }>("POST", "/server/users/batch", { body })).users;
  }

  /** Closes a user's sockets and refuses their requests, until {@link reactivateUser}. */
  deactivateUser(user: string): Promise<ServerUser> {
    return this.http.request("POST", `/server/users/${segment(user)}/deactivate`);
  }

  reactivateUser(user: string): Promise<ServerUser> {
    return this.http.request("POST", `/server/users/${segment(user)}/reactivate`);
  }

  /** Refuses a user's tokens that were issued before a time: now, if none is given. */
  revokeTokens(user: string, issuedBefore?: Date): Promise<ServerUser> {
    const body = { issued_before: issuedBefore?.toISOString() };
    return this.http.request("POST", `/server/users/${segment(user)}/tokens/revoke`, { body });
  }

  /** Sends the event `custom.<name>` to a user who is connected. */
  sendUserEvent(user: string, name: string, data: Record<string, unknown> = {}): Promise<void> {
    return this.http.request("POST", `/server/users/${segment(user)}/events`, { body: { name, data } });
  }

  /**
   * Exports everything of a person: `waitForJob` brings the links to the files. docs/export.md describes them. Needs the scope
   * `export`.
   */
  exportUser(user: string): Promise<{ job_id: string }> {
    return this.http.request("POST", `/server/users/${segment(user)}/export`);
  }

  /**
   * Erases a person, for good: `waitForJob` brings a certificate. It takes up to half an hour. Needs the scope `export`.
   * @param messages `erase`: they become tombstones. `anonymise`: texts and files stay, without a name.
   */
  eraseUser(user: string, messages: EraseUser["messages"]): Promise<{ job_id: string }> {
    return this.http.request("POST", `/server/users/${segment(user)}/erase`, { body: { messages } });
  }
}
