/** What tabs say about themselves, as one: the device is in the foreground while any of its tabs is (rules 22 and 27). */
import type { Fields } from "./frames.ts";

const STATUSES = ["offline", "away", "online"];

/** Tabs that say nothing of their presence are there. */
const UNSAID = "online";

export class Combined {
  /** What each tab has said last, the newest last. */
  readonly #screens = new Map<string, Fields>();
  readonly #statuses = new Map<string, string>();
  readonly #sent = new Map<string, string>();

  /** A tab is there. @returns the commands that this makes necessary. */
  join(tab: string): Fields[] {
    if (this.#statuses.has(tab)) return [];
    this.#statuses.set(tab, UNSAID);
    return this.#news();
  }

  /** A tab is gone. @returns the commands that this makes necessary. */
  leave(tab: string): Fields[] {
    this.#screens.delete(tab);
    this.#statuses.delete(tab);
    return this.#news();
  }

  /**
   * A tab says something about itself.
   * @returns the command to send; null if the server knows it already, undefined if it is no such command.
   */
  take(tab: string, command: Fields): Fields | null | undefined {
    const { type, request_id } = command;
    if (type === "device.state") {
      this.#screens.delete(tab);
      this.#screens.set(tab, command);
    } else if (type === "presence.update") this.#statuses.set(tab, String(command.status));
    else return undefined;
    const changed = this.#changed(type);
    return changed ? { ...changed, request_id } : null;
  }

  /** What the server was sent of which something else holds now. */
  #news(): Fields[] {
    return [...this.#sent.keys()].map((type) => this.#changed(type)).filter((one) => one !== undefined);
  }

  /** The command of a type as it is for all tabs, if that is news. */
  #changed(type: string): Fields | undefined {
    const command = type === "device.state" ? this.#screen() : this.#status();
    const text = JSON.stringify(command);
    if (!command || this.#sent.get(type) === text) return undefined;
    this.#sent.set(type, text);
    return command;
  }

  #screen(): Fields | undefined {
    const all = [...this.#screens.values()];
    const said = all.findLast(({ foreground }) => foreground === true) ?? all.at(-1);
    if (!said) return undefined;
    const { foreground, conversation_id } = said;
    return { type: "device.state", foreground, conversation_id };
  }

  #status(): Fields {
    const best = [...this.#statuses.values()].map((one) => STATUSES.indexOf(one));
    return { type: "presence.update", status: STATUSES[Math.max(...best)] ?? UNSAID };
  }
}
