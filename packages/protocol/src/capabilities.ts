/** What a deployment can do, for clients that ask before they connect (rule 32). */
import { z } from "zod";
import { PushProvider } from "./push.ts";

/** Features beyond the guide that change what a client receives. A client opts in by the query of its socket. */
export const FEATURES: string[] = ["lean"];

export const Features = z.array(z.string()).meta({
  description: "Names of features beyond the guide. Ignore names that you do not know.",
});

const count = (description: string) => z.int().meta({ description });

export const Capabilities = z
  .strictObject({
    features: Features,
    limits: z.strictObject({
      max_message_length: count("Characters (code points) of a message."),
      max_group_members: count("Members of a group."),
      max_page_limit: count("Rows of a page: the highest `limit`."),
      max_frame_bytes: count("Bytes of a frame from a client."),
      max_body_bytes: count("Bytes of a request's body."),
      max_attachments: count("Files of one message."),
      max_attachment_bytes: z
        .strictObject({ image: z.int(), video: z.int(), audio: z.int(), file: z.int() })
        .meta({ description: "Bytes of a file, by the type of its attachment." }),
      requests_per_minute: count("Requests and commands of one user."),
      signals_per_minute: count("Typing and receipts of one user."),
      message_retention_days: z.int().nullable().meta({
        description:
          "Days after which messages are deleted for everyone; null if they are kept. A conversation may keep them for less.",
      }),
    }),
    message_requests: z.boolean().meta({
      description: "Whether a stranger's direct chat is a request until it is accepted (`is_request`).",
    }),
    push: z.strictObject({
      providers: z
        .array(PushProvider)
        .meta({ description: "Those that this deployment has credentials of." }),
    }),
  })
  .meta({ id: "Capabilities" });
export type Capabilities = z.infer<typeof Capabilities>;
