/**
 * The screens of an app that was written from the guide: the list, the rooms, who types, who is there. They are loaded
 * once and then follow the socket; {@link Screen.shown} must stay what a fresh load shows.
 */
import type { GuideClient, GuideSocket } from "./guide-client.ts";
import type { Answers, EventOf, GuideEvent } from "./guide-fields.ts";

type Item = Answers["List Conversations"]["conversations"][number];
type Shown = Answers["Get Messages"]["messages"][number];
type Status = Shown["receipt_status"];

const RANK: Record<Status, number> = { sent: 0, delivered: 1, read: 2 };
/** Types that this app can draw. Any other is drawn as its `content`, and counts for nothing. */
const DRAWN = ["text", "image", "video"];

interface Room {
  item: Item;
  /** Newest first. */
  messages: Shown[];
  unread: Set<string>;
  typing: Set<string>;
}

export class Screen {
  readonly #client: GuideClient;
  readonly #userId: string;
  /** The room of the newest message first. */
  #rooms: Room[] = [];
  /** Events are taken one after another, and after the load. */
  #work: Promise<void>;

  private constructor(client: GuideClient, userId: string) {
    this.#client = client;
    this.#userId = userId;
    this.#work = this.#load();
  }

  /** Loads the screens. With a socket, which was opened before, they follow it from then on. */
  static async open(client: GuideClient, userId: string, socket?: GuideSocket): Promise<Screen> {
    const screen = new Screen(client, userId);
    socket?.listen((event) => {
      screen.#work = screen.#work.then(() => screen.#take(event));
    });
    await screen.idle();
    return screen;
  }

  /** Waits until all that was heard is on the screens. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Who types in a conversation. */
  typing(id: string): string[] {
    return [...(this.#room(id)?.typing ?? [])];
  }

  unread(id: string): number {
    return this.#room(id)?.unread.size ?? 0;
  }

  /** What the user has scrolled past. */
  read(id: string, messageId: string): void {
    const room = this.#room(id);
    for (const message of this.#upTo(room, messageId)) room?.unread.delete(message.message_id);
  }

  /** Everything that can be seen, in comparable form. */
  shown(): unknown {
    return this.#rooms.map(({ item, messages, unread, typing }) => ({
      item: {
        ...item,
        unread_count: unread.size,
        participants: item.participants.toSorted((a, b) => a.user_id.localeCompare(b.user_id)),
      },
      messages: messages.map((message) => this.#withTicks(message)),
      typing: [...typing],
    }));
  }

  /** Ticks are drawn on one's own messages only. */
  #withTicks({ receipt_status, ...message }: Shown): object {
    return message.sender.user_id === this.#userId ? { ...message, receipt_status } : message;
  }

  async #load(): Promise<void> {
    const { conversations } = (await this.#client.listConversations()).body;
    this.#rooms = await Promise.all(conversations.map((item) => this.#enter(item)));
  }

  async #enter(item: Item): Promise<Room> {
    const { messages } = (await this.#client.getMessages(item.conversation_id)).body;
    const unread = messages.filter((message) => this.#counts(message)).slice(0, item.unread_count);
    return {
      item,
      messages,
      unread: new Set(unread.map((one) => one.message_id)),
      typing: new Set(),
    };
  }

  /** Whether a message of this kind is ever unread. */
  #counts(message: Pick<Shown, "type" | "sender">): boolean {
    return message.sender.user_id !== this.#userId && DRAWN.includes(message.type);
  }

  #room(id: string): Room | undefined {
    return this.#rooms.find((room) => room.item.conversation_id === id);
  }

  /** This message and all before it. */
  #upTo(room: Room | undefined, messageId: string): Shown[] {
    const at = room?.messages.findIndex((one) => one.message_id === messageId) ?? -1;
    return at < 0 ? [] : (room?.messages.slice(at) ?? []);
  }

  async #take(event: GuideEvent): Promise<void> {
    if (event.type === "connection.established") return;
    if (event.type === "user.presence") {
      this.#showPresence(event);
      return;
    }
    const known = this.#room(event.conversation_id);
    const room = known ?? (await this.#openUnknown(event.conversation_id));
    switch (event.type) {
      case "message.new":
        await this.#add(room, event.data);
        return;
      case "message.edited":
        this.#change(room, event.data.message_id, { content: event.data.content, is_edited: true });
        return;
      case "message.deleted":
        this.#change(room, event.data.message_id, {
          content: "",
          reactions: [],
          attachments: [],
          reply_to: null,
        });
        room.unread.delete(event.data.message_id);
        return;
      case "message.reaction":
        this.#react(room, event.data);
        return;
      case "message.receipt":
        this.#mark(room, event.data);
        return;
      case "typing.indicator":
        if (event.data.is_typing) room.typing.add(event.data.user_id);
        else room.typing.delete(event.data.user_id);
        return;
      default:
        event satisfies never;
    }
  }

  /** A conversation that is not in the list yet: somebody else began it. */
  async #openUnknown(id: string): Promise<Room> {
    const { conversation_id, type, name, photo_url, participants } = (await this.#client.getConversation(id))
      .body;
    const other = participants.find((one) => one.user_id !== this.#userId);
    const room = await this.#enter({
      ...{ conversation_id, type, name, photo_url, participants },
      last_message: null,
      unread_count: Number.MAX_SAFE_INTEGER,
      ...{ is_muted: false, is_pinned: false },
      other_user: type === "direct" ? (other ?? null) : null,
    });
    this.#rooms.unshift(room);
    this.#showLast(room);
    return room;
  }

  async #add(room: Room, message: EventOf<"message.new">["data"]): Promise<void> {
    const { message_id, sender, type, content, created_at } = message;
    const { is_edited, reply_to, attachments, reactions } = message;
    if (!room.messages.some((one) => one.message_id === message_id)) {
      const text = { message_id, sender, type, content, created_at, is_edited, reply_to };
      room.messages.unshift({ ...text, attachments, reactions, receipt_status: "sent" });
      if (this.#counts(message)) room.unread.add(message_id);
    }
    this.#rooms = [room, ...this.#rooms.filter((other) => other !== room)];
    this.#showLast(room);
    // Something was done to the conversation that the app does not know: it looks again.
    if (!DRAWN.includes(type)) {
      const { name, photo_url, participants } = (await this.#client.getConversation(message.conversation_id))
        .body;
      room.item = { ...room.item, name, photo_url, participants };
    }
  }

  #change(room: Room, id: string, patch: Partial<Shown>): void {
    room.messages = room.messages.map((one) => (one.message_id === id ? { ...one, ...patch } : one));
    this.#showLast(room);
  }

  #showLast(room: Room): void {
    const [newest] = room.messages;
    if (!newest) return;
    const { content, created_at, sender } = newest;
    room.item = { ...room.item, last_message: { content, created_at, sender_username: sender.username } };
  }

  #react(
    room: Room,
    { message_id, user_id, username, emoji, action }: EventOf<"message.reaction">["data"],
  ): void {
    const before = room.messages.find((one) => one.message_id === message_id)?.reactions ?? [];
    const others = before.filter((one) => one.user_id !== user_id || one.emoji !== emoji);
    const reactions = action === "add" ? [...others, { emoji, user_id, username }] : others;
    this.#change(room, message_id, { reactions });
  }

  /** A receipt holds for its message and all before it (rule 33). In a chat of two, one member is everybody. */
  #mark(room: Room, { message_id, user_id, status }: EventOf<"message.receipt">["data"]): void {
    if (user_id === this.#userId) {
      if (status === "read") this.read(room.item.conversation_id, message_id);
      return;
    }
    for (const message of this.#upTo(room, message_id)) {
      if (RANK[status] > RANK[message.receipt_status]) message.receipt_status = status;
    }
  }

  #showPresence({ data: { user_id, status, last_seen_at } }: EventOf<"user.presence">): void {
    const seen = { is_online: status !== "offline", last_seen_at };
    for (const { item } of this.#rooms) {
      const people = [...item.participants, ...(item.other_user ? [item.other_user] : [])];
      for (const one of people) if (one.user_id === user_id) Object.assign(one, seen);
    }
  }
}
