/** The page's side of the worker: answers what it asks, opens what was clicked, and tidies up after it. */
import { keepBadge } from "./badge.ts";
import {
  type BadgeNavigator,
  showBadge,
  type WorkerContainer,
  type WorkerMessage,
  type WorkerRegistration,
} from "./browser.ts";
import { type ClickTarget, MARK, type PageView, questionIn, type WorkerQuestion } from "./messages.ts";
import type { Push } from "./push.ts";
import { closeShown, closeWhenRead, isRead } from "./shown.ts";
import { bodyOf, endWebPush } from "./web-push.ts";

/** A read conversation's notification stays this long, in milliseconds: browsers want to have seen it. */
const LEAVE_MS = 1_000;

export interface PageOptions {
  /** The registration of the worker. */
  registration: WorkerRegistration;
  /** A notification was clicked: show its conversation, or the list if it is of none. */
  open(target: ClickTarget): void;
  /** `navigator.serviceWorker` of the page, unless another is given. */
  container?: WorkerContainer;
  /** `navigator` of the page, unless another is given. Null: the number on the icon is left alone. */
  navigator?: BadgeNavigator | null;
}

/**
 * Connects a page with the push worker. Call it once, when the client is there: notifications of what is read are closed,
 * the icon shows the unread total, and a click on a notification opens its conversation here.
 * @returns what ends it.
 * @throws TypeError where the browser has no service workers.
 */
export function linkPushWorker(push: Push, options: PageOptions): () => void {
  const own = (globalThis as { navigator?: BadgeNavigator & { serviceWorker?: WorkerContainer } }).navigator;
  const { registration, open, container = own?.serviceWorker, navigator = own } = options;
  if (!container) throw new TypeError("There are no service workers here: a page needs https, or localhost");
  const page = new Page(push, registration, open);
  const heard = (event: WorkerMessage): void => page.heard(event);
  container.addEventListener("message", heard);
  container.startMessages?.();
  const ends = [
    () => container.removeEventListener("message", heard),
    () => page.stop(),
    closeWhenRead(push.client, registration),
    navigator ? keepBadge(push.client, navigator) : () => undefined,
    push.onLogOut(async () => {
      await endWebPush(registration);
      await closeShown(registration, () => true);
      if (navigator) await showBadge(navigator, 0);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

class Page {
  readonly #push: Push;
  readonly #registration: WorkerRegistration;
  readonly #open: (target: ClickTarget) => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(push: Push, registration: WorkerRegistration, open: (target: ClickTarget) => void) {
    this.#push = push;
    this.#registration = registration;
    this.#open = open;
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  heard({ data, ports }: WorkerMessage): void {
    const question = questionIn(data);
    const answer = question && this.#answer(question);
    if (answer !== undefined) ports[0]?.postMessage(answer);
  }

  #answer(question: WorkerQuestion): PageView | true | undefined {
    switch (question[MARK]) {
      case "view":
        return this.#view(question.conversation_id, question.seq);
      case "ready":
        return true;
      case "open": {
        const { conversation_id, message_id, navigate } = question;
        this.#open({ conversation_id, message_id, navigate });
        return undefined;
      }
      case "subscription":
        void this.#push.changeAddress(bodyOf(question.subscription)).catch(() => undefined);
        return true;
      default:
        // A worker of another version.
        return undefined;
    }
  }

  #view(conversationId: string, seq: number): PageView {
    const is_read = isRead(this.#push.client.conversations.get(conversationId), seq);
    if (is_read) this.#closeSoon(conversationId, seq);
    return { is_on_screen: this.#push.isOnScreen(conversationId), is_read };
  }

  /** The worker shows what is read already, since a browser demands a notification for each message: it goes again. */
  #closeSoon(conversationId: string, seq: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void closeShown(
        this.#registration,
        (data) => data.conversation_id === conversationId && data.seq <= seq,
      ).catch(() => undefined);
    }, LEAVE_MS);
    this.#timers.add(timer);
  }
}
