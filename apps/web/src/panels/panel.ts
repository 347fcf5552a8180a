/** A side panel. */

/** What a panel is given. */
export interface PanelProps {
  /** The conversation that is open; null if none is. */
  conversationId: string | null;
  /** The page inside of the panel, as in `?panel=settings/devices`; null is its first one. */
  page: string | null;
}
