/** Signed links to attachments: what `<img>` and `<video>` need, which can send no token (rule 26). */
import { z } from "zod";
import { signedLinkShape } from "./attachments.ts";
import { optional } from "./common.ts";
import { MAX_LINKS } from "./limits.ts";
import { Uuid } from "./uuid.ts";

/** A link that anyone who has it may use until it ends. */
export const AttachmentLink = z
  .strictObject({
    attachment_id: Uuid,
    ...signedLinkShape,
  })
  .meta({ id: "AttachmentLink" });
export type AttachmentLink = z.infer<typeof AttachmentLink>;

const Download = z.boolean().meta({ description: "Whether a browser saves the file in any case." });

/** The query of `GET /attachments/:id/link`. */
export const LinkQuery = z.object({ download: z.enum(["true", "false"]).optional() });

/** The request for links to several attachments. */
export const CreateLinks = z
  .object({
    attachment_ids: z.array(Uuid).min(1).max(MAX_LINKS),
    download: optional(Download),
  })
  .meta({ id: "CreateLinks" });
export type CreateLinks = z.infer<typeof CreateLinks>;

/** Links, in the order of the request. Attachments that the caller may not see have none. */
export const AttachmentLinks = z
  .strictObject({ links: z.array(AttachmentLink).max(MAX_LINKS) })
  .meta({ id: "AttachmentLinks" });
export type AttachmentLinks = z.infer<typeof AttachmentLinks>;

/** The query of a signed link. All but `w` is signed. */
export const SignedQuery = z.object({
  v: z.string().min(1).max(100).meta({ description: "The etag of the bytes." }),
  expires: z
    .string()
    .regex(/^\d{10}$/)
    .meta({ description: "Seconds since 1970." }),
  download: z.literal("1").optional(),
  sig: z.string().regex(/^[\w-]{43}$/),
  w: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional()
    .meta({ description: "The width of an image in pixels, rounded up to a step." }),
});
export type SignedQuery = z.infer<typeof SignedQuery>;
