/** One emoji, in one spelling (rule 18; Unicode TR51 defines RGI and the variation selectors). */
import { z } from "zod";

const VARIATION_SELECTORS = /[\uFE0E\uFE0F]/gu;
const EMOJI_STYLE = "\uFE0F";
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
const TEXT_BY_DEFAULT = /^(?!\p{Emoji_Presentation})\p{Emoji}$/u;
const SKIN_TONE = /^\p{Emoji_Modifier}$/u;

/** Characters of the longest emoji sequence, with room to spare. */
const MAX_EMOJI_LENGTH = 40;

/**
 * The fully-qualified spelling of one emoji, whatever variation selectors it came with.
 * @returns undefined if the text is not exactly one emoji recommended for general interchange (RGI).
 */
function normalizeEmoji(text: string): string | undefined {
  if (text.length === 0 || text.length > MAX_EMOJI_LENGTH) return undefined;
  const bare = Array.from(text.replace(VARIATION_SELECTORS, ""));
  const qualified = bare
    .map((char, i) => {
      const toned = SKIN_TONE.test(bare[i + 1] ?? "");
      return TEXT_BY_DEFAULT.test(char) && !toned ? char + EMOJI_STYLE : char;
    })
    .join("");
  return ONE_EMOJI.test(qualified) ? qualified : undefined;
}

/** An emoji in a body or a path, in its normal spelling after parsing. */
export const Emoji = z
  .string()
  .transform((text, context) => {
    const emoji = normalizeEmoji(text);
    if (emoji === undefined) context.addIssue({ code: "custom", message: "must be one emoji" });
    return emoji ?? z.NEVER;
  })
  .meta({ description: "One emoji." });
