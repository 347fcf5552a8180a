/** Executes what a server asks of a conversation (rule 28). */
import type { CustomEvent } from "@rocket-chat-api/protocol";
import { earliest } from "../../domain/deadlines.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { NumberedWord } from "../../domain/push-note.ts";
import type { ServerRequestName, ServerRequests } from "../../domain/server-requests.ts";
import type { AlarmClock } from "../../realtime/alarm-clock.ts";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import { noteFileBytes } from "../../realtime/rewrite-storage.ts";
import type { Sender } from "../../realtime/sender.ts";
import type { MessageLimits } from "../../settings.ts";
import type { HubDelivery } from "../delivery/hub-delivery.ts";
import type { Engine } from "../engine.ts";
import { settleErasure } from "../erasure/settle.ts";
import { blocksOfNew } from "../members/blocks.ts";
import { isPurging } from "../moderation/purge.ts";
import { nextEvidenceExpiry } from "../state/evidence.ts";
import type { Services } from "../state/handler.ts";
import type { Change, Room } from "../state/room.ts";
import { destroy, type PendingNotes } from "./destroy.ts";
import type { Asked } from "./handlers.ts";
import { SERVER_HANDLERS } from "./requests.ts";

type NewPeople = ServerRequests["addPeople"]["input"];

export interface ServerParts {
  storage: DurableObjectStorage;
  clock: Pick<AlarmClock, "ringBy">;
  engine: Engine;
  sender: Sender;
  hubDelivery: HubDelivery;
  notes: PendingNotes;
  /** Resolves when the directory has everything. @returns false if D1 does not take it. */
  projected(): Promise<boolean>;
  /** What the hub of a person wants to be told of pushes. */
  setWord(userId: string, word: NumberedWord): void;
}

type Handler<Name extends ServerRequestName> = (asked: Asked<Name>) => Change<ServerRequests[Name]["answer"]>;

/** What may leave messages to be deleted later. */
const PURGING: ReadonlySet<ServerRequestName> = new Set(["banUser", "purge"]);

/** What deletes rows that the room in memory knows still. */
const FORGETTING: ReadonlySet<ServerRequestName> = new Set(["erase", "eraseSome"]);

export class ServerCommands {
  readonly #its: ServerParts;
  readonly #limits: MessageLimits;
  readonly #services: Services;

  constructor(parts: ServerParts, limits: MessageLimits, services: Services) {
    this.#its = parts;
    this.#limits = limits;
    this.#services = services;
  }

  /** Executes a request. It needs no member: the conversation itself is what is asked. */
  async execute<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequests[Name]["input"],
  ): Promise<Outcome<ServerRequests[Name]["answer"]>> {
    const { engine } = this.#its;
    if (name === "destroy") {
      await destroy(this.#its.storage, this.#its);
      return found(null);
    }
    if (!engine.room) return refused("CONVERSATION_NOT_FOUND");
    if (name === "settleErasure") {
      const order = input as ServerRequests["settleErasure"]["input"];
      return found(await settleErasure({ ...this.#its, forget: () => engine.forget() }, order));
    }
    if (name === "sendEvent") {
      this.#sendEvent(engine.room, input as CustomEvent);
      return found(null);
    }
    const prepared = name === "addPeople" ? await this.#withBlocks(engine.room, input as NewPeople) : input;
    // TypeScript cannot infer that the handler found by a name belongs to that name.
    const handler = SERVER_HANDLERS[
      name as Exclude<Name, "sendEvent" | "destroy" | "settleErasure">
    ] as unknown as Handler<Name>;
    const asked = { input: prepared as typeof input, limits: this.#limits };
    return await engine.change((now) => {
      const { room } = engine;
      if (!room) return { outcome: refused("CONVERSATION_NOT_FOUND"), emissions: [] };
      if (name === "eraseSome") noteFileBytes(this.#its.storage);
      const change = engine.store.atomically(() => handler({ ...asked, room, now }));
      if (name === "updateConversation") this.#its.clock.ringBy(now);
      if (PURGING.has(name) && isPurging(room)) this.#its.clock.ringBy(now);
      // Its rows are gone, and the room in memory has still counted them.
      if (FORGETTING.has(name)) engine.forget();
      else this.#its.clock.ringBy(earliest(engine.store.nextExpiry(), nextEvidenceExpiry(engine.store)));
      return change;
    });
  }

  async #withBlocks(room: Room, { people }: NewPeople): Promise<NewPeople> {
    return { people, blocks: await blocksOfNew(room, people, this.#services) };
  }

  /** Sends an event of the app to the members who are connected, after what was sent before. It is stored nowhere. */
  #sendEvent(room: Room, event: CustomEvent): void {
    const { engine, sender, hubDelivery } = this.#its;
    engine.fanOut.flush();
    const encoded = EncodedEvent.fromFull(JSON.stringify(event));
    sender.broadcast([encoded], room.audience);
    hubDelivery.deliver(room.audience, { events: [encoded], seqs: [0], newest: undefined });
  }
}
