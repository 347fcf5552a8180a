/** A frame on the conversation's own socket, between its arrival and its turn. */
import { type DecodedFrame, decodeFrame } from "@rocket-chat-api/protocol";
import type { Trace } from "../domain/trace.ts";
import type { Admission } from "../realtime/frame-budget.ts";
import type { Frames } from "../realtime/frames.ts";
import type { Work } from "./group-commit.ts";

/** A frame that waits for its turn. */
export class IncomingFrame implements Work {
  readonly #frames: Frames;
  readonly #socket: WebSocket;
  readonly #frame: string | ArrayBuffer;
  readonly #admission: Admission;
  #decoded: DecodedFrame | undefined;

  constructor(frames: Frames, socket: WebSocket, frame: string | ArrayBuffer, admission: Admission) {
    this.#frames = frames;
    this.#socket = socket;
    this.#frame = frame;
    this.#admission = admission;
  }

  get trace(): Trace | undefined {
    return this.#frames.traceOf(this.#socket);
  }

  read(): void {
    const decoded = decodeFrame(this.#frame);
    // What a client has received waits for no turn.
    const isDone = this.#admission === "admitted" && this.#frames.acknowledged(this.#socket, decoded);
    if (!isDone) this.#decoded = decoded;
  }

  act(): void {
    if (this.#decoded) void this.#frames.handle(this.#socket, this.#decoded, this.#admission);
  }
}
