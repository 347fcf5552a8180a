/** What a message may hold, beyond its shape. */
import { codePoints, type Failure, failure, type SendMessage } from "../protocol/index.ts";

/**
 * Checks the content of a message against rule 13.
 * @param maxLength code points.
 * @returns why it is refused, or undefined.
 */
export function refuseContent(
  input: Pick<SendMessage, "type" | "content" | "attachment_id">,
  maxLength: number,
): Failure | undefined {
  if (input.content.length > maxLength && codePoints(input.content) > maxLength) {
    return failure("MESSAGE_TOO_LONG", undefined, { max_length: maxLength });
  }
  if (input.type !== "text") return failure("INVALID_ATTACHMENT", "The attachment does not exist");
  if (input.attachment_id) return failure("INVALID_ATTACHMENT", "A text message has no attachment");
  if (input.content.trim() === "") {
    return failure("VALIDATION_ERROR", undefined, {
      issues: [{ path: "content", message: "must not be empty" }],
    });
  }
  return undefined;
}

/** The first `max` characters (code points) of a text. */
export function preview(text: string, max: number): string {
  if (text.length <= max) return text;
  return Array.from(text.slice(0, max * 2))
    .slice(0, max)
    .join("");
}
