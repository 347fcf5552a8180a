/**
 * A client as one writes it from the guide alone: its headers, its paths, its bodies as they stand there, and the
 * fields of guide-fields.ts. It has no `client_message_id` and no `request_id`, opens its socket with `?token=`, and
 * ignores what the guide does not name. It imports nothing from `src`, and runs wherever there is a `fetch`.
 */
import { ANSWERS, type Answers, EVENTS, type EventOf, type GuideEvent } from "./guide-fields.ts";

interface Response {
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}

interface Init {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

interface Socket {
  send(frame: string): void;
  close(): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
}

/** How requests and sockets leave a client. Paths begin with a slash. */
export interface Transport {
  fetch(path: string, init: Init): Promise<Response>;
  open(path: string): Promise<Socket>;
}

type Title = keyof Answers;
type Result<T> = { status: number; body: T };

/** The answer was not what the guide says. */
export class NotInTheGuide extends Error {}

/** Parses an answer by the guide's fields. Throws {@link NotInTheGuide} where one is missing or of another type. */
function parse<T extends Title>(title: T, text: string): Answers[T] {
  const parsed = ANSWERS[title].safeParse(JSON.parse(text));
  if (!parsed.success) throw new NotInTheGuide(`${title}: ${parsed.error.message}\n${text}`);
  return parsed.data as Answers[T];
}

/** The requests of section 1, and the routes that section 3 adds. */
export class GuideClient {
  readonly #transport: Transport;
  readonly #token: string;

  constructor(transport: Transport, token: string) {
    this.#transport = transport;
    this.#token = token;
  }

  listConversations(query = "page=1&limit=20") {
    return this.#ask("List Conversations", "GET", `/conversations?${query}`);
  }

  createDirect(user_id: string) {
    return this.#ask("Create Direct Conversation", "POST", "/conversations/direct", { user_id });
  }

  createGroup(participant_ids: string[]) {
    const body = { name: "My Group", description: "Group description", participant_ids };
    return this.#ask("Create Group Conversation", "POST", "/conversations/group", body);
  }

  getConversation(id: string) {
    return this.#ask("Get Conversation Details", "GET", `/conversations/${id}`);
  }

  sendText(id: string, content: string, reply_to_message_id?: string) {
    const metadata = { mentions: ["@user1", "@user2"] };
    return this.send(id, { type: "text", content, reply_to_message_id, metadata });
  }

  /** The third step of an image. */
  sendImage(id: string, attachment_id: string) {
    return this.send(id, { type: "image", content: "Caption text", attachment_id });
  }

  send(id: string, body: object) {
    return this.#ask("Send Message", "POST", `/conversations/${id}/messages`, body);
  }

  /** The first step of an image. */
  getUploadUrl(conversation_id: string, file_size: number) {
    const file = { file_name: "photo.jpg", file_size, mime_type: "image/jpeg", attachment_type: "image" };
    return this.#ask("Get upload URL", "POST", "/messages/attachments/upload-url", {
      conversation_id,
      ...file,
    });
  }

  getMessages(id: string, before_id = "") {
    return this.#ask("Get Messages", "GET", `/conversations/${id}/messages?before_id=${before_id}&limit=50`);
  }

  editMessage(id: string, content: string) {
    return this.#ask("Edit Message", "PUT", `/messages/${id}`, { content });
  }

  deleteMessage(id: string) {
    return this.#do("DELETE", `/messages/${id}?delete_for_everyone=true`);
  }

  addReaction(id: string, emoji: string) {
    return this.#ask("Add Reaction", "POST", `/messages/${id}/reactions`, { emoji });
  }

  /** The emoji stands in the path as it is: `fetch` encodes it. */
  removeReaction(id: string, emoji: string) {
    return this.#do("DELETE", `/messages/${id}/reactions/${emoji}`);
  }

  markAsRead(id: string, up_to_message_id: string) {
    return this.#ask("Mark Messages as Read", "PUT", `/conversations/${id}/read`, { up_to_message_id });
  }

  getReceipts(id: string) {
    return this.#ask("Get Message Receipts", "GET", `/messages/${id}/receipts`);
  }

  startTyping(id: string) {
    return this.#do("POST", `/conversations/${id}/typing`);
  }

  stopTyping(id: string) {
    return this.#do("DELETE", `/conversations/${id}/typing`);
  }

  searchMessages(q: string) {
    return this.#ask("Search Messages", "GET", `/search/messages?q=${q}&limit=20`);
  }

  updateConversation(id: string, name: string) {
    return this.#ask("Get Conversation Details", "PUT", `/conversations/${id}`, { name });
  }

  leaveConversation(id: string) {
    return this.#do("DELETE", `/conversations/${id}`);
  }

  addParticipant(id: string, user_id: string) {
    return this.#ask("Get Conversation Details", "POST", `/conversations/${id}/participants`, { user_id });
  }

  removeParticipant(id: string, userId: string) {
    return this.#do("DELETE", `/conversations/${id}/participants/${userId}`);
  }

  getMessage(id: string) {
    return this.#ask("Get Message", "GET", `/messages/${id}`);
  }

  /** `GET /health` needs no token. */
  async health(): Promise<number> {
    return (await this.#transport.fetch("/health", { method: "GET", headers: {} })).status;
  }

  /** A request whose refusal is wanted. */
  async refused(method: string, path: string, body?: object): Promise<Result<Answers["Error Response"]>> {
    const { status, text } = await this.#request(method, path, body);
    return { status, body: parse("Error Response", text) };
  }

  /** Connects as the guide does, and waits for the server's confirmation. */
  async connect(): Promise<GuideSocket> {
    const socket = new GuideSocket(await this.#transport.open(`/ws?token=${this.#token}`));
    await socket.next("connection.established");
    return socket;
  }

  async #ask<T extends Title>(
    title: T,
    method: string,
    path: string,
    body?: object,
  ): Promise<Result<Answers[T]>> {
    const { status, text } = await this.#request(method, path, body);
    if (status >= 300) throw new NotInTheGuide(`${method} ${path}: ${status} ${text}`);
    return { status, body: parse(title, text) };
  }

  async #do(method: string, path: string): Promise<number> {
    const { status, text } = await this.#request(method, path);
    if (text !== "") throw new NotInTheGuide(`${method} ${path}: ${status} ${text}`);
    return status;
  }

  /** Most of the guide's requests with a body name no `Content-Type`, so this client never does. */
  async #request(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await this.#transport.fetch(`/api/v1${path}`, { method, headers, ...init });
    return { status: response.status, text: await response.text() };
  }
}

/** The socket of section 2: one JSON object in each frame. */
export class GuideSocket {
  /** What the guide names, in order. */
  readonly events: GuideEvent[] = [];
  /** Types of what it does not name. */
  readonly ignored: string[] = [];
  /** Events of the guide whose fields are not the guide's. */
  readonly faults: string[] = [];
  readonly #socket: Socket;
  #listeners: ((event: GuideEvent) => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))));
  }

  /** Hears every event from now on. */
  listen(listener: (event: GuideEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** The first event of this type, past or to come, that fits. */
  async next<T extends GuideEvent["type"]>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const wanted = (event: GuideEvent): event is EventOf<T> =>
      event.type === type && fits(event as EventOf<T>);
    const past = this.events.find(wanted);
    if (past) return past;
    return await new Promise((resolve, reject) => {
      const late = () => reject(new NotInTheGuide(`no ${type}; ${JSON.stringify(this)}`));
      const timer = setTimeout(late, 5_000);
      this.listen((event) => {
        if (!wanted(event)) return;
        clearTimeout(timer);
        resolve(event);
      });
    });
  }

  sendMessage(conversation_id: string, content: string, reply_to_message_id?: string): void {
    const data = { content, type: "text", reply_to_message_id };
    this.#send({ type: "message.send", conversation_id, data });
  }

  typing(type: "typing.start" | "typing.stop", conversation_id: string): void {
    this.#send({ type, conversation_id });
  }

  read(message_id: string): void {
    this.#send({ type: "message.read", message_id });
  }

  presence(status: "online" | "away" | "offline"): void {
    this.#send({ type: "presence.update", status });
  }

  close(): void {
    this.#socket.close();
  }

  #send(event: object): void {
    this.#socket.send(JSON.stringify(event));
  }

  #take(frame: { type: string }): void {
    const known: readonly string[] = EVENTS.options.map((option) => option.shape.type.value);
    if (!known.includes(frame.type)) {
      this.ignored.push(frame.type);
      return;
    }
    const parsed = EVENTS.safeParse(frame);
    if (!parsed.success) {
      this.faults.push(`${frame.type}: ${parsed.error.message}`);
      return;
    }
    this.events.push(parsed.data);
    for (const listener of this.#listeners) listener(parsed.data);
  }
}
