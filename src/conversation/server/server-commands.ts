/** Executes what a server asks of a conversation (rule 28). */
import type { CustomEvent } from "@rocket-chat-api/protocol";
import { earliest } from "../../domain/deadlines.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { ServerRequestName, ServerRequests } from "../../domain/server-requests.ts";
import type { EpochMs } from "../../domain/time.ts";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { Sender } from "../../realtime/sender.ts";
import type { MessageLimits } from "../../settings.ts";
import type { HubDelivery } from "../delivery/hub-delivery.ts";
import type { Engine } from "../engine.ts";
import { nextEvidenceExpiry } from "../state/evidence.ts";
import type { Change, Room } from "../state/room.ts";
import { destroy, type PendingNotes } from "./destroy.ts";
import { SERVER_HANDLERS } from "./requests.ts";

export interface ServerParts {
  storage: DurableObjectStorage;
  engine: Engine;
  sender: Sender;
  hubDelivery: HubDelivery;
  notes: PendingNotes;
  /** Sets the object's alarm to `time` or earlier. */
  ringBy(time: EpochMs | undefined): void;
}

type Handler<Name extends ServerRequestName> = (asked: {
  room: Room;
  input: ServerRequests[Name]["input"];
  limits: MessageLimits;
  now: EpochMs;
}) => Change<ServerRequests[Name]["answer"]>;

export class ServerCommands {
  readonly #its: ServerParts;
  readonly #limits: MessageLimits;

  constructor(parts: ServerParts, limits: MessageLimits) {
    this.#its = parts;
    this.#limits = limits;
  }

  /** Executes a request. It needs no member: the conversation itself is what is asked. */
  async execute<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequests[Name]["input"],
  ): Promise<Outcome<ServerRequests[Name]["answer"]>> {
    const { engine, ringBy } = this.#its;
    if (name === "destroy") {
      await destroy(this.#its.storage, this.#its);
      return found(null);
    }
    if (!engine.room) return refused("CONVERSATION_NOT_FOUND");
    if (name === "sendEvent") {
      this.#sendEvent(engine.room, input as CustomEvent);
      return found(null);
    }
    // TypeScript cannot infer that the handler found by a name belongs to that name.
    const handler = SERVER_HANDLERS[
      name as Exclude<Name, "sendEvent" | "destroy">
    ] as unknown as Handler<Name>;
    return await engine.change((now) => {
      const { room } = engine;
      if (!room) return { outcome: refused("CONVERSATION_NOT_FOUND"), emissions: [] };
      const change = engine.store.atomically(() => handler({ room, input, limits: this.#limits, now }));
      // Its rows are gone, and the room in memory has still counted them.
      if (name === "erase") engine.forget();
      else ringBy(earliest(engine.store.nextExpiry(), nextEvidenceExpiry(engine.store)));
      return change;
    });
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
