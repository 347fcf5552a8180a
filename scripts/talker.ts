/** A person of `npm run demo`: a client of `@rocket-chat-api/client`, and what it has heard. */
import { ChatClient, type ClientError, type Message, openWith } from "@rocket-chat-api/client";
import { WebSocket } from "ws";
import { devToken, devUserId } from "./dev-token.ts";

/** How long a talker waits for anything, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** There is no connection, and this is why. */
export class NotConnected extends Error {
  readonly code: string;

  constructor({ code, message }: ClientError) {
    super(message);
    this.code = code;
  }
}

export class Talker {
  readonly name: string;
  readonly user_id: string;
  readonly client: ChatClient;
  /** All messages that came over the socket, in the order in which they came. */
  readonly heard: Message[] = [];

  /**
   * @param url of the server.
   * @param secret that it verifies tokens with.
   * @param conversation_id follows this conversation alone, over its own socket. Without it: all, over the user's.
   */
  constructor(name: string, url: string, secret: string, conversation_id?: string) {
    this.name = name;
    this.user_id = devUserId(name);
    const place = conversation_id === undefined ? {} : { conversation_id };
    // Node.js 20 has no WebSocket of its own.
    const options = { url, token: () => devToken(name, secret), openSocket: openWith(WebSocket), ...place };
    this.client = new ChatClient(options);
    this.client.on("event", (event) => {
      if (event.type === "message.new") this.heard.push(event.data);
    });
  }

  /** Connects. @throws NotConnected where that fails. */
  async connect(): Promise<this> {
    const failed = new Promise<never>((_, reject) => {
      this.client.on("error", (error) => reject(new NotConnected(error)));
    });
    this.client.start();
    await Promise.race([this.#until(() => this.client.status === "open", "a connection"), failed]);
    return this;
  }

  /** Waits until this message was heard. @throws Error if it was not in time. */
  async hears({ message_id, content }: Message): Promise<void> {
    await this.#until(() => this.heard.some((one) => one.message_id === message_id), `"${content}"`);
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const end = Date.now() + TIMEOUT_MS;
    while (!isSo()) {
      if (Date.now() > end) throw new Error(`${this.name} has waited for ${what} in vain`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
