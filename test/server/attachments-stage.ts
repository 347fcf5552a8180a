/** A server, two people in a conversation, and the bucket behind it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conversation, Me, Message, type RequestUpload, UploadPermission } from "@rocket-chat-api/protocol";
import { Person } from "../../scripts/person.ts";
import { DevServer } from "../../scripts/serve.ts";
import { HTML, SAMPLES } from "../attachments/samples.ts";
import { Bucket } from "./attachments-s3.ts";

export const PNG = SAMPLES["image/png"] ?? HTML;

export class Stage {
  readonly server: DevServer;
  readonly alice: Person;
  readonly bob: Person;
  readonly conversation: string;
  readonly bucket: Bucket;
  readonly #directory = mkdtempSync(join(tmpdir(), "rocket-chat-files-"));

  private constructor(server: DevServer, alice: Person, bob: Person, conversation: string) {
    this.server = server;
    this.alice = alice;
    this.bob = bob;
    this.conversation = conversation;
    this.bucket = new Bucket(server.url);
  }

  static async open(): Promise<Stage> {
    const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
    const alice = await Person.of("alice", server.url, server.secret);
    const bob = await Person.of("bob", server.url, server.secret);
    for (const person of [alice, bob]) await person.api(Me, "GET", "/users/me");
    const { body } = await alice.api(Conversation, "POST", "/conversations/direct", { user_id: bob.user_id });
    return new Stage(server, alice, bob, body.conversation_id);
  }

  async close(): Promise<void> {
    await this.server.stop();
    this.server.dispose();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Where a file of this name can be kept until the end. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** What asks for an upload URL: for a PNG of this size, or for something else. */
  request(file_size: number, other: Partial<RequestUpload> = {}): RequestUpload {
    const png = { file_name: "photo.png", mime_type: "image/png", attachment_type: "image" } as const;
    return { conversation_id: this.conversation, file_size, ...png, ...other };
  }

  /** Asks for it. */
  async ask(file_size: number, other: Partial<RequestUpload> = {}): Promise<UploadPermission> {
    const request = this.request(file_size, other);
    const path = "/messages/attachments/upload-url";
    return (await this.alice.api(UploadPermission, "POST", path, request)).body;
  }

  /** Sends what was uploaded. */
  async send(attachment_id: string, type = "image"): Promise<Message> {
    const path = `/conversations/${this.conversation}/messages`;
    return (await this.alice.api(Message, "POST", path, { type, attachment_id })).body;
  }

  /** How many checked files the bucket has of this attachment. */
  async stored(attachmentId: string): Promise<number> {
    return await this.bucket.count(`${this.conversation}/${attachmentId}`);
  }
}
