/** Clients that send one message after the other, each again and again until it is acknowledged. */
import { setTimeout as sleep } from "node:timers/promises";
import { Message } from "@rocket-chat-api/protocol";
import { z } from "zod";
import { type Ear, type Person, Refused, socketPath } from "../../scripts/person.ts";
import type { Ledger, Outgoing } from "./ledger.ts";

/** One attempt to send. Resolves with the message as it was acknowledged; rejects when no ack came. */
export type Attempt = (message: Outgoing) => Promise<Message>;

const RETRY_MS = 50;

/** Over REST. */
export function overRest(person: Person, conversationId: string): Attempt {
  return async (message) => {
    const path = `/conversations/${conversationId}/messages`;
    const { body } = await person.api(Message, "POST", path, { type: "text", ...message });
    return body;
  };
}

/** Over the user's socket, or the conversation's own, which is opened anew whenever it has closed. */
export function overSocket(person: Person, conversationId: string, kind: "user" | "conversation"): Attempt {
  const path = kind === "user" ? "/ws" : socketPath(conversationId);
  let ear: Promise<Ear> | undefined;
  const open = async (): Promise<Ear> => {
    ear ??= person.connect(path);
    const opened = await ear;
    if (opened.isOpen) return opened;
    ear = undefined;
    return await open();
  };
  return async (message) => {
    const command = {
      type: "message.send",
      conversation_id: conversationId,
      data: { type: "text", ...message },
    };
    try {
      return Message.parse(await (await open()).ask(command));
    } catch (error) {
      // Whatever is wrong with this socket, the next attempt gets another.
      if (!(error instanceof Refused)) {
        void ear?.then(
          (dead) => dead.drop(),
          () => undefined,
        );
        ear = undefined;
      }
      throw error;
    }
  };
}

async function deliver(attempt: Attempt, message: Outgoing, ledger: Ledger): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    const startedAt = Date.now();
    try {
      return ledger.acknowledge(message, await attempt(message), attempts, startedAt);
    } catch (error) {
      // An answer of the wrong shape, or a refusal for good, stays what it is however often one asks.
      if (error instanceof z.ZodError || (error instanceof Refused && !error.retryable)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Sends until `stopped` says so, and until the last message is acknowledged. @param lane names the messages. */
export async function keepSending(
  lane: string,
  attempt: Attempt,
  ledger: Ledger,
  stopped: () => boolean,
): Promise<void> {
  for (let n = 1; !stopped(); n++) {
    const message = { client_message_id: `${lane}-${n}`, content: `message ${n} of ${lane}` };
    try {
      await deliver(attempt, message, ledger);
    } catch (error) {
      ledger.violations.push(`${message.client_message_id} was refused: ${error}`);
      return;
    }
  }
}
