/** What an object knows of one socket. */
import type { PresenceStatus } from "@rocket-chat-api/protocol";
import type { Screen } from "../domain/screen.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Handshake } from "./handshake.ts";

/** What is known of a socket. It is stored with the socket and survives hibernation. */
export interface Session extends Handshake {
  connection_id: string;
  /** The conversation's counter when the socket opened; 0 at a user's hub. */
  since_seq: number;
  /** The presence that this device chose (rule 22). Of a socket at a conversation, the user's hub keeps it. */
  status: PresenceStatus;
  /** What its app shows, if it is in the foreground. Of a socket at a conversation, the user's hub keeps it. */
  screen?: Screen | undefined;
  opened_at: EpochMs;
  /** Invalid commands since the last valid one. */
  invalid_in_a_row: number;
  /** The last `ping` that the runtime did not answer by itself. */
  pinged_at?: EpochMs;
  /** We have closed the socket. The client may ignore that, so its frames no longer count. */
  closed?: true;
}
