/** Users and their profiles. */
import { z } from "zod";
import { ShownMetadata } from "./app-metadata.ts";
import { boundedText, HttpUrl, limitParam, optional, Timestamp, withDefaults } from "./common.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import { DEFAULT_LIST_LIMIT, MAX_DISPLAY_NAME_LENGTH } from "./limits.ts";
import { codePoints, hasVisible, lineProblem } from "./text.ts";
import { Uuid } from "./uuid.ts";

/** A name that is visible and stays in one line. */
export const DisplayName = boundedText(1, MAX_DISPLAY_NAME_LENGTH)
  .refine(hasVisible, "must contain a visible character")
  .refine((name) => lineProblem(name) === undefined, {
    error: (issue) => lineProblem(String(issue.input)) ?? "",
  });

const profileShape = withDefaults(
  {
    user_id: Uuid,
    username: z.string(),
    display_name: z.string(),
    profile_photo_url: z.string().nullable(),
  },
  LEAN_DEFAULTS.user,
);

/** A user as part of a message: the guide's `sender`. */
export const UserSummary = z.strictObject(profileShape).meta({ id: "UserSummary" });
export type UserSummary = z.infer<typeof UserSummary>;

export const PresenceStatus = z.enum(["online", "away", "offline"]);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

export const User = z
  .strictObject({ ...profileShape, is_online: z.boolean(), last_seen_at: Timestamp.nullable() })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** A user by themselves, with more than lists show. */
export const UserDetails = z
  .strictObject({ ...User.shape, metadata: ShownMetadata })
  .meta({ id: "UserDetails" });
export type UserDetails = z.infer<typeof UserDetails>;

/** The caller's own profile. */
export const Me = z
  .strictObject({
    ...UserDetails.shape,
    external_id: z
      .string()
      .nullable()
      .meta({ description: "The identity provider's id: the token's `sub`." }),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof Me>;

export const UpdateMe = z
  .object({ display_name: optional(DisplayName), profile_photo_url: HttpUrl.nullable().optional() })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    "must contain at least one change",
  )
  .meta({ id: "UpdateMe" });
export type UpdateMe = z.infer<typeof UpdateMe>;

/** Whether a text is one letter of a script in which one letter can be a word: Chinese, Japanese, Korean. */
export function isUnspacedLetter(text: string): boolean {
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u.test(text);
}

/** Whether a search is narrow enough: a tenth of all names begin with one Latin letter. */
function isSearchable(q: string): boolean {
  return (
    codePoints(q.normalize("NFC").replace(/[\p{Cf}\p{M}]/gu, "")) >= 2 || isUnspacedLetter(q.normalize("NFC"))
  );
}

export const UserSearchQuery = z.object({
  q: boundedText(1, MAX_DISPLAY_NAME_LENGTH)
    .refine(isSearchable, "must have at least 2 characters, or one Chinese, Japanese or Korean letter")
    .meta({
      description:
        "The beginning of a username, or of a word of a display name: at least 2 characters, or one Chinese, Japanese or " +
        "Korean letter. Case and accents do not matter.",
    }),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const UserList = z.strictObject({ users: z.array(User) }).meta({ id: "UserList" });
