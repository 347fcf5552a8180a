/** What clients send over a socket: operations of a conversation, and commands about the socket itself. */
import { z } from "zod";
import { optional, withoutProto } from "./common.ts";
import { MAX_SYNC_CONVERSATIONS } from "./limits.ts";
import type * as messages from "./messages.ts";
import type { Declaration } from "./operation-declaration.ts";
import type { OperationName } from "./operation-names.ts";
import { SOCKET_OPERATIONS, schemaNamed } from "./operation-schemas.ts";
import type { OPERATIONS } from "./operations.ts";
import { PresenceStatus } from "./users.ts";
import { Uuid } from "./uuid.ts";

const requestIdValue = z.union([z.string().max(64), z.int()]);
/** As answers carry it. */
export const requestId = requestIdValue.optional();
export type RequestId = z.infer<typeof requestId>;

/** The cursor of a client in each conversation: the highest `seq` up to which it has everything. */
const SyncCursors = withoutProto(
  z.record(Uuid, z.int().min(0)).refine((cursors) => Object.keys(cursors).length <= MAX_SYNC_CONVERSATIONS, {
    message: `must have at most ${MAX_SYNC_CONVERSATIONS} conversations`,
  }),
);

/** `message.send` is the `MessageSendCommand`. */
function schemaId(type: string): string {
  return `${type.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())}Command`;
}

/** One command. */
function command<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return z
    .object({ type: z.literal(type), request_id: optional(requestIdValue), ...shape })
    .meta({ id: schemaId(type) });
}

/** An operation's command: what it is done to, and its body as `data`. */
function operationCommand(type: string, { on, body, message }: Declaration) {
  const address = on === "message" ? { message_id: Uuid } : { conversation_id: Uuid };
  const data = body === undefined || message !== undefined ? {} : { data: schemaNamed(body) };
  const shape: Record<string, z.ZodType> = { ...address, ...data };
  return command(type, shape);
}

/** Commands about the socket or its user. */
const socketCommands = [
  command("presence.update", { status: PresenceStatus }),
  command("sync", { conversations: SyncCursors }),
  command("device.state", {
    foreground: z.boolean().meta({
      description:
        "Whether the user looks at the app on this device. It holds until the next one, or the socket's end.",
    }),
    conversation_id: Uuid.nullable().meta({
      description: "The conversation on the screen: it does not ring there. Null: none.",
    }),
  }),
  command("flow.ack", {
    received: z
      .int()
      .min(0)
      .meta({ description: "Characters received in frames since the last `flow.ack`. There is no answer." }),
  }),
  command("auth.refresh", { token: z.string() }),
  command("ping", {}),
] as const;
export type SocketCommand = z.infer<(typeof socketCommands)[number]>;

type Operations = typeof OPERATIONS;
/** The operations with a command over the sockets. */
export type SocketOperation = {
  [Name in OperationName]: Operations[Name] extends { socket: string } ? Name : never;
}[OperationName];

type DataOf<Row> = Row extends { message: string }
  ? unknown
  : Row extends { body: infer Name extends keyof typeof messages }
    ? { data: (typeof messages)[Name] extends z.ZodType ? z.output<(typeof messages)[Name]> : never }
    : unknown;
/** An operation's command, as it is once it is parsed. */
type CommandOf<Name extends SocketOperation> = {
  type: Operations[Name]["socket"];
  request_id?: RequestId;
} & (Operations[Name]["on"] extends "message" ? { message_id: string } : { conversation_id: string }) &
  DataOf<Operations[Name]>;
export type OperationCommand = { [Name in SocketOperation]: CommandOf<Name> }[SocketOperation];

/** Each is answered by `ack` or `error` if it carries a `request_id`, `ping` by `pong` (rule 20). */
export const ClientCommand = z.discriminatedUnion("type", [
  ...socketCommands,
  ...SOCKET_OPERATIONS.map(({ type, row }) => operationCommand(type, row)),
]);
export type ClientCommand = OperationCommand | SocketCommand;

const OPERATION_OF: ReadonlyMap<string, OperationName> = new Map(
  SOCKET_OPERATIONS.map(({ type, name }) => [type, name]),
);

/** The operation of a command; undefined if the command is about the socket. */
export function operationOf(command: ClientCommand): OperationName | undefined {
  return OPERATION_OF.get(command.type);
}

/** Whether a command is an operation of a conversation. */
export function isOperationCommand(command: ClientCommand): command is OperationCommand {
  return OPERATION_OF.has(command.type);
}
