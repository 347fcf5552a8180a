/** A client as the guide's reader would write it: it knows only what its socket told it since it joined. */
import {
  type ConversationEvent,
  type FetchedMessage,
  type Message,
  parseMessageId,
  REPLY_PREVIEW_LENGTH,
  type Role,
} from "@rocket-chat-api/protocol";

type Shown = Omit<Message, "status">;

/** What a member's client holds of one conversation. */
export class ClientModel {
  readonly userId: string;
  /** Whether it is a member, as far as it was told. */
  isMember = false;
  /** The number at which this stretch of membership began. */
  joinedSeq = 0;
  /** The newest number heard. */
  seq = 0;
  /** Of those it was told about: who is added later learns of the others by a fetch. */
  readonly roles = new Map<string, Role>();
  /** Whatever was heard that should not have been. */
  readonly complaints: string[] = [];
  readonly #messages = new Map<string, Message>();
  readonly #hidden = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #receipts = new Map<string, number>();

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Takes one event of the conversation. */
  apply(event: ConversationEvent): void {
    if (this.#begins(event)) this.#join(event.seq);
    if (!this.isMember) {
      this.#complain(event, "heard outside the membership");
      return;
    }
    if ("seq" in event && event.seq !== undefined) this.#count(event, event.seq);
    this.#take(event);
  }

  /** The history as this client shows it, newest first, in the shape of a fetch but for what is the viewer's own. */
  history(): Shown[] {
    return [...this.#messages.values()]
      .filter((message) => !this.#hidden.has(message.message_id))
      .sort((a, b) => b.seq - a.seq)
      .map((message) => withoutStatus(this.#quoting(message)));
  }

  #begins(event: ConversationEvent): event is ConversationEvent & { seq: number } {
    if (event.type === "conversation.created") return true;
    return (
      event.type === "participant.added" && event.data.participants.some((one) => one.user_id === this.userId)
    );
  }

  #join(seq: number): void {
    this.isMember = true;
    this.joinedSeq = seq;
    this.seq = seq - 1;
    for (const held of [this.#messages, this.roles, this.#receipts]) held.clear();
  }

  #count(event: ConversationEvent, seq: number): void {
    if (seq !== this.seq + 1) this.#complain(event, `follows ${this.seq}`);
    this.seq = seq;
  }

  #take(event: ConversationEvent): void {
    switch (event.type) {
      case "message.new":
        this.#unsaid(event, event.data.reply_to?.message_id, event.data.reply_to?.content);
        this.#messages.set(event.data.message_id, event.data);
        return;
      case "message.edited":
        this.#unsaid(event, event.data.message_id, event.data.content);
        this.#change(event.data.message_id, { ...event.data, changed_seq: event.seq });
        return;
      case "message.deleted":
        this.#delete(event);
        return;
      case "message.reaction":
        this.#react(event);
        return;
      case "message.updated":
        this.#update(event);
        return;
      case "message.receipt":
        this.#receive(event);
        return;
      case "conversation.created":
      case "participant.added":
      case "participant.updated":
        for (const one of event.data.participants)
          this.roles.set(one.user_id, one.is_owner ? "owner" : one.role);
        return;
      case "participant.removed":
        this.roles.delete(event.data.user_id);
        if (event.data.user_id === this.userId) this.isMember = false;
        return;
      default:
        return;
    }
  }

  /** What was said before one joined, or was hidden, is not told later either. */
  #unsaid(event: ConversationEvent, id: string | undefined, content = ""): void {
    const seq = id === undefined ? undefined : parseMessageId(id)?.seq;
    if (id === undefined || seq === undefined || content === "") return;
    if (seq < this.joinedSeq) this.#complain(event, "said before");
    if (this.#hidden.has(id)) this.#complain(event, "hidden");
  }

  #change(id: string, patch: Partial<Message>): void {
    const known = this.#messages.get(id);
    if (known) this.#messages.set(id, { ...known, ...patch });
    if (known?.is_deleted) this.complaints.push(`${id} changed after its deletion`);
  }

  #delete({ data, seq }: Extract<ConversationEvent, { type: "message.deleted" }>): void {
    if (!data.for_everyone) {
      this.#hidden.add(data.message_id);
      return;
    }
    const nothing = { content: "", metadata: null, mentions: [], mentions_all: false, reply_to: null };
    const unpinned = { is_pinned: false, pinned_at: null, pinned_by: null };
    const left = { ...nothing, ...unpinned, attachments: [], reactions: [], is_deleted: true };
    this.#change(data.message_id, { ...left, ...(seq === undefined ? {} : { changed_seq: seq }) });
    this.#deleted.add(data.message_id);
  }

  #react({ data, seq }: Extract<ConversationEvent, { type: "message.reaction" }>): void {
    const { message_id, user_id, username, emoji, action } = data;
    const before = this.#messages.get(message_id)?.reactions ?? [];
    const others = before.filter((one) => one.user_id !== user_id || one.emoji !== emoji);
    const reactions = action === "add" ? [...others, { emoji, user_id, username }] : others;
    this.#change(message_id, { reactions, changed_seq: seq });
  }

  /** What changes without an event of its own. Of a message that one may not see nothing is told. */
  #update(event: Extract<ConversationEvent, { type: "message.updated" }>): void {
    const { message_id, changed_seq, patch } = event.data;
    const isUnseen = this.#hidden.has(message_id) || (parseMessageId(message_id)?.seq ?? 0) < this.joinedSeq;
    const isEmpty = Object.keys(patch).length === 0;
    if (isUnseen !== isEmpty) this.#complain(event, isUnseen ? "of an unseen message" : "says nothing");
    if (changed_seq !== event.seq) this.#complain(event, "two numbers of one change");
    this.#change(message_id, { ...(patch as Partial<Message>), changed_seq });
  }

  #receive(event: Extract<ConversationEvent, { type: "message.receipt" }>): void {
    const { user_id, status, message_id } = event.data;
    const key = `${user_id} ${status}`;
    const seq = parseMessageId(message_id)?.seq ?? 0;
    if (seq < (this.#receipts.get(key) ?? 0)) this.#complain(event, "a watermark went back");
    this.#receipts.set(key, seq);
  }

  /** A quote shows what the quoted message says now; of one from before, or hidden, only whether it is deleted. */
  #quoting(message: Message): Message {
    if (!message.reply_to) return message;
    const { message_id } = message.reply_to;
    const is_deleted = message.reply_to.is_deleted || this.#deleted.has(message_id);
    const known = this.#messages.get(message_id);
    const isUnseen = is_deleted || this.#hidden.has(message_id);
    const content = isUnseen ? "" : (known?.content.slice(0, REPLY_PREVIEW_LENGTH) ?? "");
    return { ...message, reply_to: { ...message.reply_to, content, is_deleted } };
  }

  #complain(event: ConversationEvent, what: string): void {
    this.complaints.push(`${what}: ${JSON.stringify(event).slice(0, 300)}`);
  }
}

/** A fetched message without what is the viewer's own. */
export function withoutStatus(message: Message | FetchedMessage): Shown {
  const { status: _, receipt_status: __, ...shown } = message as FetchedMessage;
  return shown;
}
