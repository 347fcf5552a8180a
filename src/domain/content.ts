/** Checks the content of a message beyond its schema. */

import { codePoints, type Failure, failure, hasVisible, type SendMessage } from "@rocket-chat-api/protocol";
import { attachmentIds } from "./attachments.ts";

/**
 * Checks content against rule 13. A text must be visible. Other types need an attachment and may have a caption.
 * @param maxLength in code points.
 * @returns why it is refused, or undefined.
 */
export function checkContent(
  input: Pick<SendMessage, "type" | "content" | "attachment_id" | "attachment_ids">,
  maxLength: number,
): Failure | undefined {
  if (input.content.length > maxLength && codePoints(input.content) > maxLength) {
    return failure("MESSAGE_TOO_LONG", undefined, { max_length: maxLength });
  }
  const attached = attachmentIds(input).length > 0;
  if (input.type !== "text") {
    return attached
      ? undefined
      : failure("INVALID_ATTACHMENT", `A message of type ${input.type} needs an attachment`);
  }
  if (attached) return failure("INVALID_ATTACHMENT", "A text message cannot have an attachment");
  if (!hasVisible(input.content)) {
    return failure("VALIDATION_ERROR", undefined, {
      issues: [{ path: "content", message: "must not be empty" }],
    });
  }
  return undefined;
}
