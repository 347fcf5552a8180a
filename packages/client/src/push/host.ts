/** What push needs of a client. A `ChatClient` is one. */

/** What is on the screen of a device, as `device.state` says it. */
export interface ScreenState {
  /** Whether the user looks at the app. */
  foreground: boolean;
  /** The conversation on the screen; null is none. */
  conversation_id: string | null;
}

/** What is read of the state of a conversation. */
export interface ViewedConversation {
  readonly conversation_id: string;
  readonly viewer_id: string;
  readonly membership: "unknown" | "member" | "removed";
  readonly is_hidden: boolean;
  readonly is_request: boolean;
  readonly unread_count: number;
  readonly watermarks: ReadonlyMap<string, { readonly last_read_seq: number }>;
  readonly preferences: { readonly is_muted: boolean; readonly muted_until: string | null } | null;
}

/**
 * The client that push belongs to. An interface and not the class: this entry of the package is built by itself, and
 * takes the client of the main entry.
 */
export interface PushClient {
  readonly device_id: string | undefined;
  /** `open` while there is a connection. */
  readonly status: string;
  readonly rest: {
    readonly http: {
      request<T>(method: string, path: string, options?: { body?: unknown }): Promise<T>;
    };
  };
  readonly conversations: {
    ids(): string[];
    get(conversationId: string): ViewedConversation | undefined;
  };
  /** Sends a command and waits for its `ack`. */
  command(command: { type: "device.state" } & ScreenState): Promise<unknown>;
  on(name: "status", listener: (status: string) => void): () => void;
  on(name: "state", listener: (state: ViewedConversation) => void): () => void;
  on(name: "event", listener: (event: { type: string }) => void): () => void;
  stop(): void;
  /** Removes what is kept on this device. Never rejects. */
  logOut?(): Promise<void>;
}

/** Where the viewer has read up to in a conversation; 0 is nothing. */
export function readSeq(state: ViewedConversation | undefined): number {
  return state?.watermarks.get(state.viewer_id)?.last_read_seq ?? 0;
}
