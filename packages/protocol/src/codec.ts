/** Frames: text in, a command or a failure out; events in, text out. */
import { z } from "zod";
import { ClientCommand, type RequestId, requestId } from "./commands.ts";
import { withoutMark } from "./common.ts";
import { type Failure, failure } from "./errors.ts";
import type { ServerEvent } from "./events.ts";
import { parseMessageId } from "./ids.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { ClientMessageId } from "./messages.ts";
import { Uuid } from "./uuid.ts";

/** The fields of an invalid command that its answer repeats. */
export interface Hints {
  request_id?: RequestId;
  /** Of a `message.send`. */
  client_message_id?: string;
  /** The conversation that it is about. */
  conversation_id?: string;
}

/** A frame after decoding. `bad`: not JSON. */
export type DecodedFrame =
  | { kind: "command"; command: ClientCommand }
  | ({ kind: "invalid"; failure: Failure } & Hints)
  | { kind: "bad"; failure: Failure }
  | { kind: "too_large" };

/** The issues of a failed parse, as `details.issues` (rule 5). */
function issuesOf(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join("."), message: issue.message }));
}

/** The failure for a value of the wrong shape. */
export function validationFailure(error: z.ZodError): Failure {
  return failure("VALIDATION_ERROR", undefined, { issues: issuesOf(error) });
}

/** Parses one frame from a client. Never throws. */
export function decodeFrame(frame: string | ArrayBuffer): DecodedFrame {
  if (frameBytes(frame) > MAX_FRAME_BYTES) return { kind: "too_large" };
  if (typeof frame !== "string") {
    return { kind: "bad", failure: failure("VALIDATION_ERROR", "A frame must be text that contains JSON") };
  }
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(frame));
  } catch {
    return { kind: "bad", failure: failure("VALIDATION_ERROR", "The frame is not valid JSON") };
  }
  const parsed = ClientCommand.safeParse(value);
  // The union is made from the table of operations, so its type is written beside it.
  if (parsed.success) return { kind: "command", command: parsed.data as ClientCommand };
  return { kind: "invalid", failure: validationFailure(parsed.error), ...hintsIn(value) };
}

/** Size on the wire. A string is measured only if its length does not decide (UTF-8 takes 1 to 3 bytes a unit). */
function frameBytes(frame: string | ArrayBuffer): number {
  if (typeof frame !== "string") return frame.byteLength;
  const certain = frame.length > MAX_FRAME_BYTES || frame.length * 3 <= MAX_FRAME_BYTES;
  return certain ? frame.length : new TextEncoder().encode(frame).length;
}

/** A field that is left out if it is not valid. */
const readable = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const HintsIn = z.object({
  type: z.unknown(),
  request_id: requestId.catch(undefined),
  conversation_id: readable(Uuid),
  message_id: readable(Uuid),
  data: readable(z.object({ client_message_id: readable(ClientMessageId) })),
});

function hintsIn(value: unknown): Hints {
  const { success, data: found } = HintsIn.safeParse(value);
  if (!success) return {};
  const { request_id, message_id, data } = found;
  const conversation_id =
    found.conversation_id ?? (message_id && parseMessageId(message_id)?.conversation_id);
  const client_message_id = found.type === "message.send" ? data?.client_message_id : undefined;
  return {
    ...(request_id !== undefined && { request_id }),
    ...(client_message_id !== undefined && { client_message_id }),
    ...(conversation_id !== undefined && { conversation_id }),
  };
}

/** Messages as JSON. A new one is sent twice: in an event, and in the answer to its sender. */
const encoded = new WeakMap<object, string>();

/** What is JSON already, as the data of an event. */
export class EncodedData {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** The data of an event as JSON; undefined if there is none. Do not change the data afterwards. */
export function encodeData(data: unknown): string | undefined {
  return knownJson(data) ?? JSON.stringify(data);
}

function knownJson(data: unknown): string | undefined {
  if (data instanceof EncodedData) return data.json;
  return isObject(data) ? encoded.get(data) : undefined;
}

/** One event as a frame. Do not change the event afterwards. */
export function encodeEvent(event: ServerEvent): string {
  if (event.type === "message.new") encoded.set(event.data, JSON.stringify(event.data));
  const known = "data" in event ? knownJson(event.data) : undefined;
  if (known === undefined) return JSON.stringify(event);
  const { data, ...head } = { data: undefined, ...event };
  return `${JSON.stringify(head).slice(0, -1)},"data":${known}}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Many frames in one, for clients that asked for it with `?batch=1`: a JSON array of events. */
export function joinFrames(frames: readonly string[]): string {
  return `[${frames.join(",")}]`;
}
