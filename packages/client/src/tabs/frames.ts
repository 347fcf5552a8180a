/** Frames of one socket for many tabs: pure functions. */

/** An event or a command, as it stands in a frame. */
export interface Fields {
  type?: unknown;
  request_id?: unknown;
  [name: string]: unknown;
}

/** Separates the tab from its own id of the request. */
const OF = ":";

/** The events of a frame: one, or many. None if it is not JSON; whoever owns the socket ends it then. */
export function eventsOf(frame: string): Fields[] {
  try {
    const value: unknown = JSON.parse(frame);
    const all = Array.isArray(value) ? value : [value];
    return all.filter((one): one is Fields => typeof one === "object" && one !== null);
  } catch {
    return [];
  }
}

/** A command of a tab, under an id that leads its answer back. */
export function marked(command: Fields, tab: string): Fields {
  const { request_id } = command;
  return request_id === undefined ? command : { ...command, request_id: `${tab}${OF}${request_id}` };
}

/** Events by whom they are for. */
export interface Sorted {
  /** For all tabs. */
  all: Fields[];
  /** Answers, under the ids of the tabs that have asked. */
  answers: Map<string, Fields[]>;
}

/** Sorts the events of a frame. Answers to the tab that owns the socket have unmarked ids: they are for no other. */
export function sorted(events: readonly Fields[]): Sorted {
  const all: Fields[] = [];
  const answers = new Map<string, Fields[]>();
  for (const event of events) {
    const { type, request_id } = event;
    if ((type !== "ack" && type !== "error") || request_id === undefined) {
      all.push(event);
      continue;
    }
    const [tab = "", id] = String(request_id).split(OF);
    if (id === undefined) continue;
    answers.set(tab, [...(answers.get(tab) ?? []), { ...event, request_id: id }]);
  }
  return { all, answers };
}

/**
 * What a tab must hear first that joins later: that there is a connection, with the newest totals, and the profiles that
 * the short form of events takes for known (`?lean=1`).
 */
export class Joining {
  #established: Fields | undefined;
  readonly #profiles = new Map<unknown, unknown>();

  /** Whether there is a connection. */
  get isOpen(): boolean {
    return this.#established !== undefined;
  }

  take(event: Fields): void {
    const data = (event.data ?? {}) as Record<string, unknown>;
    if (event.type === "connection.established") this.#established = event;
    else if (event.type === "unread.total" && this.#established) {
      const before = this.#established.data as object;
      this.#established = { ...this.#established, data: { ...before, unread: event.data } };
    } else if (event.type === "profiles" && Array.isArray(data.profiles)) {
      for (const one of data.profiles) this.#profiles.set(one?.user_id, one);
    }
  }

  /** The frames that begin it. */
  frames(): string[] {
    const profiles = { type: "profiles", data: { profiles: [...this.#profiles.values()] } };
    const events = [this.#established, ...(this.#profiles.size > 0 ? [profiles] : [])];
    return events.map((event) => JSON.stringify(event));
  }
}
