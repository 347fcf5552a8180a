/** What outgoing messages need of a client. A `ChatClient` is one. */
import type { Message } from "@rocket-chat-api/protocol";
import type { OutboxEntry } from "../outbox.ts";
import type { UploadStorage } from "../store/host.ts";
import type { UploadClient } from "../upload/host.ts";

/**
 * The client that they belong to. An interface and not the class: this entry of the package is built by itself, and takes
 * the client of the main entry.
 */
export interface OutgoingClient extends UploadClient {
  /** `open` while there is a connection. */
  readonly status: string;
  /** Where messages wait whose files are not uploaded yet. */
  readonly store?: { readonly files: UploadStorage } | undefined;
  readonly outbox: {
    add(entry: OutboxEntry): Promise<Message>;
    pending(conversationId: string): readonly OutboxEntry[];
    cancel(conversationId: string, clientMessageId: string): void;
  };
  readonly conversations: {
    get(conversationId: string): { readonly seq: number; readonly membership: string } | undefined;
  };
  on(name: "state", listener: (state: { conversation_id: string; seq: number }) => void): () => void;
  on(name: "outbox", listener: (change: { conversation_id: string }) => void): () => void;
  on(name: "status" | "forgotten", listener: () => void): () => void;
  on(name: "refused", listener: (refusal: { entry: OutboxEntry; error: unknown }) => void): () => void;
}
