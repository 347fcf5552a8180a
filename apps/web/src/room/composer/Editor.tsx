import { useChatClient, useTyping } from "@rocket-chat-api/react";
import { Check, SendHorizontal } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import field from "../../ui/field.module.css";
import { IconButton } from "../../ui/IconButton.tsx";
import { useCell } from "../cell.ts";
import { canEdit } from "../rights.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import { AttachButton } from "./AttachButton.tsx";
import styles from "./Editor.module.css";
import { EmojiButton } from "./EmojiButton.tsx";
import { FileTray } from "./FileTray.tsx";
import { lengthOf, useLimits } from "./limits.ts";
import { MentionList, optionId } from "./MentionList.tsx";
import { ModeBar } from "./ModeBar.tsx";
import { useFiles } from "./use-files.ts";
import { useMentionBox } from "./use-mention-box.ts";
import { useSubmit } from "./use-submit.ts";
import { useText } from "./use-text.ts";

/** The counter shows when so few characters are left. */
const FEW_LEFT = 200;

/** Whether Enter begins a new line: there is no Shift key beside it on glass. */
function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse) and (hover: none)").matches;
}

/** Where one writes. @param wait seconds of slow mode that are left; 0 is none. */
export function Editor({ wait }: { wait: number }) {
  const t = useT();
  const ui = useRoomUi();
  const rights = useRights();
  const client = useChatClient();
  const limits = useLimits();
  const { onInput, onStop } = useTyping(ui.conversationId);
  const mode = useCell(ui.mode);
  const area = useRef<HTMLTextAreaElement>(null);
  const text = useText(ui, area);
  const files = useFiles(limits);
  const mentions = useMentionBox(ui.conversationId, text);
  const { submit, isSaving } = useSubmit(ui, text, files);
  const listId = useId();

  const isEditing = mode.kind === "edit";
  const left = limits.max_message_length - (text.text.length > FEW_LEFT ? lengthOf(text.text) : 0);
  const isEmpty = text.text.trim() === "" && (isEditing || files.chosen.length === 0);
  const canSend = !isEmpty && left >= 0 && !isSaving && (isEditing || wait === 0);

  const { add } = files;
  useEffect(() => {
    ui.focusComposer = () => setTimeout(() => area.current?.focus(), 0);
    ui.addFiles = add;
    return () => {
      ui.focusComposer = () => undefined;
      ui.addFiles = null;
    };
  }, [ui, add]);
  useEffect(() => {
    if (!isTouch()) area.current?.focus();
  }, []);

  const editLast = () => {
    const messages = client.conversations.get(ui.conversationId)?.messages ?? [];
    const last = messages.findLast((message) => canEdit(rights, message));
    if (last) ui.edit(last);
    return last !== undefined;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, its keys are its own (229 is what Safari says then).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    // With a modifier they are the page's.
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (mentions.onKey(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      if (canSend) submit();
    } else if (event.key === "Escape" && mode.kind !== "new") {
      event.preventDefault();
      ui.resetMode();
    } else if (event.key === "ArrowUp" && text.text === "" && mode.kind === "new" && editLast()) {
      event.preventDefault();
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0 || isEditing) return;
    event.preventDefault();
    files.add(pasted);
  };

  const send = t(isEditing ? "room.save" : "room.send");
  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) submit();
      }}
    >
      {mentions.candidates.length > 0 && (
        <MentionList
          id={listId}
          candidates={mentions.candidates}
          active={mentions.active}
          onChoose={mentions.choose}
        />
      )}
      <ModeBar />
      <FileTray files={files} />
      <div className={styles.line}>
        <AttachButton onFiles={files.add} isDisabled={isEditing} />
        <div className={classes(field.box, styles.box)}>
          <textarea
            ref={area}
            className={classes(field.text, styles.text)}
            rows={1}
            // The placeholder follows the page, what is written follows itself.
            dir={text.text === "" ? undefined : "auto"}
            aria-label={t("room.write")}
            placeholder={t("room.write")}
            value={text.text}
            aria-autocomplete="list"
            aria-controls={mentions.candidates.length > 0 ? listId : undefined}
            aria-activedescendant={
              mentions.candidates.length > 0 ? optionId(listId, mentions.active) : undefined
            }
            onChange={({ target }) => {
              text.setText(target.value);
              mentions.onCaret(target.selectionStart);
              if (isEditing) return;
              if (target.value === "") onStop();
              else onInput();
            }}
            onBlur={mentions.close}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          <EmojiButton onChoose={text.insert} />
        </div>
        <IconButton
          type="submit"
          label={send}
          icon={isEditing ? <Check /> : <SendHorizontal data-mirrored />}
          tone="accent"
          className={styles.send ?? ""}
          disabled={!canSend}
        />
      </div>
      {left < FEW_LEFT && (
        <p className={classes(styles.left, left < 0 && styles.over)} role="status">
          {left < 0 ? t("room.too_long", { count: -left }) : t("room.left", { count: left })}
        </p>
      )}
      {wait > 0 && <p className={styles.left}>{t("room.slow", { count: wait })}</p>}
    </form>
  );
}
