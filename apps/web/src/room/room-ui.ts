/**
 * What happens in an open room beside its messages: what the composer does, which menu or dialog is open. Rows only write
 * to it, so that an open menu renders no row, and typing renders no list.
 */
import type { Message } from "@rocket-chat-api/client";
import type { ShownMessage } from "@rocket-chat-api/react";
import { createContext, useContext } from "react";
import type { Point } from "../ui/use-point.ts";
import { Cell } from "./cell.ts";

/** What the composer does. */
export type Mode =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly message: Message }
  | { readonly kind: "edit"; readonly message: Message };

/** What lies over the room. `anchor` is what it stands beside, and what has the focus afterwards. */
export type Overlay =
  | {
      readonly kind: "menu" | "react";
      readonly shown: ShownMessage;
      readonly anchor: HTMLElement;
      readonly at: Point | null;
    }
  | { readonly kind: "receipts" | "delete" | "edits"; readonly message: Message }
  | { readonly kind: "viewer"; readonly attachmentId: string };

const NEW: Mode = { kind: "new" };

/** The state of an open room. */
export class RoomUi {
  readonly conversationId: string;
  readonly mode = new Cell<Mode>(NEW);
  readonly overlay = new Cell<Overlay | null>(null);
  /** The message that was jumped to, while it is marked. */
  readonly flashed = new Cell<string | null>(null);
  /** The code of the last refusal that concerns the room as a whole, such as `BLOCKED`. */
  readonly refused = new Cell<string | null>(null);
  /** Shows a message of this room. The list sets it. */
  jump: (messageId: string) => void = () => undefined;
  /** Shows the newest message. The list sets it. */
  showNewest: () => void = () => undefined;
  /** Moves the focus to where one writes. The composer sets it. */
  focusComposer: () => void = () => undefined;
  /** Adds files to the message that is being written. The composer sets it; null where nobody can write. */
  addFiles: ((files: readonly File[]) => void) | null = null;

  constructor(conversationId: string) {
    this.conversationId = conversationId;
  }

  /** Begins an answer to a message. */
  reply(message: Message): void {
    this.mode.set({ kind: "reply", message });
    this.focusComposer();
  }

  /** Begins to edit a message. */
  edit(message: Message): void {
    this.mode.set({ kind: "edit", message });
    this.focusComposer();
  }

  /** The composer writes a new message again. */
  readonly resetMode = (): void => this.mode.set(NEW);

  readonly closeOverlay = (): void => this.overlay.set(null);
}

const Context = createContext<RoomUi | null>(null);

/** Gives the state of a room to everything below. */
export const RoomUiProvider = Context.Provider;

/** The state of the room around this. @throws Error outside of a room. */
export function useRoomUi(): RoomUi {
  const ui = useContext(Context);
  if (!ui) throw new Error("useRoomUi needs a room");
  return ui;
}
