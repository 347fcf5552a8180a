/** What tabs say to each other. No token and no ticket is among it. */

/** From one that follows to the one that leads. */
export type FollowerMessage =
  /** Wants to hear what the socket says. */
  | { kind: "hello" }
  /** A frame for the server. */
  | { kind: "send"; frame: string }
  /** Is still there, and asks whether the one that leads is. */
  | { kind: "beat" }
  | { kind: "bye" };

/** From the one that leads. Without `to` it is for all that follow. */
export type LeaderMessage =
  /** Leads from now on. */
  | { kind: "leads" }
  /** Leads, and is there; the socket may not be open yet. */
  | { kind: "here"; to: string }
  /** The socket is open; frames that everyone who joins must hear first. */
  | { kind: "open"; to: string; frames: string[] }
  | { kind: "frame"; to?: string; frame: string }
  | { kind: "closed"; code: number; reason: string };

/** A message of a tab, by its id. */
export type TabMessage = (FollowerMessage | LeaderMessage) & { from: string };
