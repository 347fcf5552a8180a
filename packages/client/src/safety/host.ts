/** What safety needs of a client. A `ChatClient` is one. */

/**
 * The client that safety belongs to. An interface and not the class: this entry of the package is built by itself, and
 * takes the client of the main entry.
 */
export interface SafetyClient {
  /** `open` while there is a connection. */
  readonly status: string;
  readonly rest: {
    readonly http: {
      request<T>(
        method: string,
        path: string,
        options?: { query?: Record<string, string | number | undefined>; body?: unknown },
      ): Promise<T>;
    };
  };
  on(name: "status", listener: (status: string) => void): () => void;
  on(name: "event", listener: (event: { type: string }) => void): () => void;
}
