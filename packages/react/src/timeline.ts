/** The messages of one conversation as they are shown: the newest or a part of the history, and those on their way. */
import { type ChatClient, type ConversationState, messageIdAt, seqOf } from "@rocket-chat-api/client";
import type { Outgoing, OutgoingMessage } from "@rocket-chat-api/client/outgoing";
import { followed, type HistoryWindow, windowOf, withNewer, withOlder } from "./history-window.ts";
import type { Listeners } from "./listeners.ts";
import { isShown, type MessagesState, shown } from "./messages-state.ts";
import { noteOpened, type Opened, readUpTo, unreadAbove } from "./unread-line.ts";

/** Messages that one request loads. */
const PAGE = 50;
/** Pages that a jump to the first unread message goes through, where the viewer's own messages are before it. */
const MAX_PAGES = 20;

interface Made {
  state: ConversationState | undefined;
  window: HistoryWindow | null;
  outgoing: readonly OutgoingMessage[];
  opened: Opened | null;
  value: MessagesState;
}

export class Timeline {
  readonly conversationId: string;
  readonly #client: ChatClient;
  readonly #outgoing: Outgoing;
  readonly #states: Listeners;
  readonly #listeners = new Set<() => void>();
  #stops: (() => void)[] = [];
  #window: HistoryWindow | null = null;
  /** Counts jumps, so that the answer to an earlier one changes nothing. */
  #jumps = 0;
  #loading: { older?: Promise<boolean>; newer?: Promise<boolean> } = {};
  /** What was unread when the conversation was opened; null if nothing was, undefined is not known. */
  #opened: Opened | null | undefined;
  #made: Made | undefined;
  #isHeld = false;
  /** The state before its last change. */
  #before: ConversationState | undefined;

  constructor(client: ChatClient, outgoing: Outgoing, states: Listeners, conversationId: string) {
    this.#client = client;
    this.#outgoing = outgoing;
    this.#states = states;
    this.conversationId = conversationId;
  }

  /** Calls `listener` when {@link read} changes. Without a listener it is closed: a jump and the unread line are forgotten. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#open();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  /** What is shown now. */
  readonly read = (): MessagesState => {
    const state = this.#state;
    const window = this.#window;
    const outgoing = this.#outgoing.list(this.conversationId);
    const opened = this.#opened ?? null;
    const made = this.#made;
    const isSame =
      made?.state === state &&
      made?.window === window &&
      made?.outgoing === outgoing &&
      made?.opened === opened;
    if (made && isSame) return made.value;
    const value = shown(state, window, outgoing, opened);
    this.#made = { state, window, outgoing, opened, value };
    return value;
  };

  /** Loads a page of older messages. @returns whether there are more. @throws as requests do. */
  readonly loadOlder = async (): Promise<boolean> => {
    this.#loading.older ??= this.#loadOlder().finally(() => {
      delete this.#loading.older;
    });
    return await this.#loading.older;
  };

  /** Loads a page of newer messages, after a jump. @returns whether there are more. */
  readonly loadNewer = async (): Promise<boolean> => {
    this.#loading.newer ??= this.#loadNewer().finally(() => {
      delete this.#loading.newer;
    });
    return await this.#loading.newer;
  };

  /** Shows the part of the history around a message. @returns whether the message is there now. */
  readonly jumpTo = async (messageId: string): Promise<boolean> => {
    await this.#jump(messageId);
    return this.read().messages.some(({ message }) => message.message_id === messageId);
  };

  /** Shows the first unread message. @returns its id; null if nothing is unread, or it is not found: then the newest are shown. */
  readonly jumpToUnread = async (): Promise<string | null> => {
    const state = this.#state;
    const above = this.#opened?.above ?? (state && state.unread_count > 0 ? unreadAbove(state) : null);
    if (above === null) return null;
    if (this.read().firstUnread === null) await this.#jump(messageIdAt(this.conversationId, above + 1));
    const jump = this.#jumps;
    const isSought = () => jump === this.#jumps && this.read().firstUnread === null;
    for (let page = 1; page < MAX_PAGES && isSought() && this.read().hasNewer; page++) await this.loadNewer();
    if (isSought()) this.jumpToNewest();
    return this.read().firstUnread;
  };

  /** Shows the newest messages again. */
  readonly jumpToNewest = (): void => {
    this.#jumps += 1;
    this.#setWindow(null);
  };

  /**
   * Whether the viewer looks at older messages: then those stay, also where the client drops them to keep its state small
   * (`keep_messages`). Call it with false when the newest are shown again.
   */
  readonly hold = (isHeld: boolean): void => {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    // At the newest messages nothing is lost, and the part above is loaded again when it is wanted.
    if (!isHeld && this.#window && !this.read().hasNewer) this.jumpToNewest();
  };

  /** Marks a message and all before it as read; without one, the newest. Does nothing if it is read. */
  readonly markRead = async (messageId?: string): Promise<void> => {
    const state = this.#state;
    const id = messageId ?? state?.messages.at(-1)?.message_id;
    if (!state || id === undefined || seqOf(id) <= readUpTo(state)) return;
    await this.#client.read(id);
  };

  get #state(): ConversationState | undefined {
    return this.#client.conversations.get(this.conversationId);
  }

  #open(): void {
    const id = this.conversationId;
    this.#stops = [
      this.#states.on(id, () => this.#changed()),
      this.#outgoing.onChange(id, () => this.#changed()),
      this.#client.on("event", (event) => {
        if (!this.#window || !("conversation_id" in event) || event.conversation_id !== id) return;
        this.#setWindow(followed(this.#window, event));
      }),
    ];
    this.#noteUnread();
    this.#before = this.#state;
    const { conversations, status } = this.#client;
    // A link into a conversation that the list does not have: ask for it alone.
    if (!this.#state && conversations.isListed && status === "open") void this.#client.refresh(id);
  }

  #close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#jumps += 1;
    this.#window = null;
    this.#opened = undefined;
    this.#isHeld = false;
    this.#before = undefined;
  }

  #changed(): void {
    this.#noteUnread();
    this.#keepHeld();
    for (const listener of [...this.#listeners]) listener();
  }

  #noteUnread(): void {
    this.#opened = noteOpened(this.#opened, this.#state);
  }

  /** What the client has just dropped stays, as a part of the history that ends where the state begins. */
  #keepHeld(): void {
    const before = this.#before;
    const state = this.#state;
    this.#before = state;
    if (!this.#isHeld || this.#window || !before || !state) return;
    if (before.loaded_from < state.loaded_from && before.messages.length > 0)
      this.#window = { state: before, hasOlder: before.loaded_from > 0 };
  }

  #setWindow(window: HistoryWindow | null): void {
    if (window === this.#window) return;
    this.#window = window;
    this.#changed();
  }

  async #jump(messageId: string): Promise<void> {
    this.#jumps += 1;
    const jump = this.#jumps;
    if (isShown(this.read().messages, seqOf(messageId))) return;
    const { rest } = this.#client;
    const query = { conversation_id: this.conversationId, around_id: messageId, limit: PAGE };
    const page = await rest.listMessages(query);
    const state = this.#state;
    if (jump === this.#jumps && state && page.messages.length > 0) this.#setWindow(windowOf(state, page));
  }

  async #loadOlder(): Promise<boolean> {
    const window = this.#window;
    if (!window) return await this.#client.conversations.loadOlder(this.conversationId, PAGE);
    const [first] = window.state.messages;
    if (!first || !window.hasOlder) return false;
    const page = await this.#page({ before_id: first.message_id });
    if (!this.#window || !page) return false;
    this.#setWindow(withOlder(this.#window, page));
    return this.#window.hasOlder;
  }

  async #loadNewer(): Promise<boolean> {
    if (!this.read().hasNewer) return false;
    const last = this.#window?.state.messages.at(-1);
    if (!last) {
      // All of this part was deleted.
      this.jumpToNewest();
      return false;
    }
    const page = await this.#page({ after_id: last.message_id });
    if (!this.#window || !page) return false;
    this.#setWindow(withNewer(this.#window, page));
    return this.read().hasNewer;
  }

  /** A page for the window; undefined if there was a jump while it was on its way. */
  async #page(place: { before_id: string } | { after_id: string }) {
    const jump = this.#jumps;
    const page = await this.#client.rest.listMessages({
      conversation_id: this.conversationId,
      limit: PAGE,
      ...place,
    });
    return jump === this.#jumps ? page : undefined;
  }
}
