/** Who may write to the user and add them, and what others learn of them (rule 29). */
import type { Privacy, UpdatePrivacy } from "@rocket-chat-api/protocol";
import type { SafetyClient } from "./host.ts";

const PATH = "/users/me/privacy";

export class PrivacySettings {
  readonly #client: SafetyClient;

  constructor(client: SafetyClient) {
    this.#client = client;
  }

  /** The settings. @throws ApiError or ConnectionLost. */
  async get(): Promise<Privacy> {
    return await this.#client.rest.http.request<Privacy>("GET", PATH);
  }

  /** Changes what the patch names. @returns all settings. @throws ApiError or ConnectionLost. */
  async update(patch: UpdatePrivacy): Promise<Privacy> {
    return await this.#client.rest.http.request<Privacy>("PATCH", PATH, { body: patch });
  }

  /** Calls `listener` with all settings after every change, of this device or another. @returns what ends that. */
  onChange(listener: (privacy: Privacy) => void): () => void {
    return this.#client.on("event", (event) => {
      if (event.type === "privacy.updated") listener((event as unknown as { data: Privacy }).data);
    });
  }
}
