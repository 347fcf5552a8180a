/** A side panel. */

/** What a panel is given. */
export interface PanelProps {
  /** The conversation that is open; null if none is. */
  conversationId: string | null;
}
