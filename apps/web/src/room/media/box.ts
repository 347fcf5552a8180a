/** How large a picture or video is shown: known before it is loaded, so that nothing moves when it is. */

/** The most that one takes, in CSS pixels. */
const MOST_WIDTH = 340;
const MOST_HEIGHT = 380;
/** The least, so that a narrow one can still be pressed. */
const LEAST = 96;
/** Where the sides are not known. */
const UNKNOWN = { width: 280, height: 200 };

/** The box of a picture of these sides, in CSS pixels. */
export function boxOf(
  width: number | undefined,
  height: number | undefined,
): { width: number; height: number } {
  if (!width || !height) return UNKNOWN;
  const scale = Math.min(MOST_WIDTH / width, MOST_HEIGHT / height, 1);
  return {
    width: Math.max(LEAST, Math.round(width * scale)),
    height: Math.max(LEAST, Math.round(height * scale)),
  };
}
