/** Every limit of an input or a time. Numbered rules are those of the contract. */

/** Code points in a message's text unless `MAX_MESSAGE_LENGTH` says otherwise (rule 13). */
export const DEFAULT_MAX_MESSAGE_LENGTH = 4096;
/** Members of a group unless `MAX_GROUP_MEMBERS` says otherwise (rule 8). */
export const DEFAULT_MAX_GROUP_MEMBERS = 1000;
/** Characters in a `client_message_id` (rule 12). */
export const MAX_CLIENT_MESSAGE_ID_LENGTH = 64;
/** Characters of a quoted message in `reply_to` (rule 15). */
export const REPLY_PREVIEW_LENGTH = 200;
/** Characters of the preview of the last message in the list of conversations. */
export const LIST_PREVIEW_LENGTH = 200;
/** Participants shown for each conversation in a list (rule 9). */
export const LIST_PARTICIPANTS = 10;
/** Rows in a page, at most (rule 25). */
export const MAX_PAGE_LIMIT = 100;
/** Rows in a page of messages unless asked otherwise (the guide's example). */
export const DEFAULT_MESSAGES_LIMIT = 50;
/** Rows in a page of anything else unless asked otherwise (the guide's example). */
export const DEFAULT_LIST_LIMIT = 20;
/** Code points of a group's name. */
export const MAX_NAME_LENGTH = 100;
/** Code points of a group's description. */
export const MAX_DESCRIPTION_LENGTH = 500;
/** Code points of a display name. */
export const MAX_DISPLAY_NAME_LENGTH = 100;
/** Characters of any URL. */
export const MAX_URL_LENGTH = 2048;
/** Bytes of a message's `metadata` as JSON. */
export const MAX_METADATA_BYTES = 4096;
/** Names in one message's `metadata.mentions`. */
export const MAX_MENTIONS = 100;
/** Different emoji that one user may put on one message. */
export const MAX_REACTIONS_PER_USER = 20;
/** Different emoji on one message, of all users together. */
export const MAX_EMOJI_PER_MESSAGE = 50;
/** Reactions to one message, of all users together: each travels with the message wherever it is read. */
export const MAX_REACTIONS_PER_MESSAGE = 2_000;
/** Edits of one message. */
export const MAX_EDITS = 100;
/** Versions of a message in a page unless asked otherwise. */
export const DEFAULT_EDITS_LIMIT = 100;
/** Changed members and hidden messages in a resume, at most. With more, the resume is limited (rule 21). */
export const MAX_SYNC_ANNOTATIONS = 1_000;
/** Seconds between two messages of a member in slow mode, at most: an hour (rule 29). */
export const MAX_SLOW_MODE_SECONDS = 3_600;
/** People banned from one conversation, at most (rule 29). */
export const MAX_BANS = 10_000;
/** Code points of the reason of a mute or a ban. */
export const MAX_MODERATION_REASON_LENGTH = 500;
/** Milliseconds after which typing ends by itself (rule 22). */
export const TYPING_TTL_MS = 6_000;
/** Members above which receipts are no longer pushed (rule 19). */
export const MAX_RECEIPT_PUSH_MEMBERS = 100;
/** Milliseconds between two receipts of one member and status in a group, at least (rule 19). */
export const RECEIPT_INTERVAL_MS = 250;
/** Seconds that a disappearing message may live: from 5 seconds to a year. */
export const MIN_DISAPPEARING_TTL_SECONDS = 5;
export const MAX_DISAPPEARING_TTL_SECONDS = 365 * 24 * 3600;
/** Changed messages in one `conversation.sync` frame. */
export const SYNC_FRAME_MESSAGES = 100;
/** Changed messages in a resume, at most. A client that is further behind gets the newest page instead (rule 21). */
export const MAX_SYNC_MESSAGES = 1_000;
/** Characters of all frames of a resume, at most; beyond it the newest page is sent. Half of {@link FLOW_WINDOW}. */
export const MAX_SYNC_CHARACTERS = 2 * 1024 * 1024;
/** Messages of the newest page that a client gets that is too far behind. */
export const LIMITED_SYNC_MESSAGES = 50;
/** Conversations in one `sync` command, and in one page of `GET /sync`. */
export const MAX_SYNC_CONVERSATIONS = 100;
/** Characters that may be on their way to one socket before it is too slow (rule 23: 4010). */
export const FLOW_WINDOW = 4 * 1024 * 1024;
/** Characters a second that a client is assumed to read if it neither acknowledges nor pings. */
export const FLOW_TRUST_PER_SECOND = 512 * 1024;
/** Milliseconds between two pings of a client that pings. Without one for twice as long, it is gone. */
export const HEARTBEAT_MS = 30_000;
/** Bytes of any page as JSON, at most. One item always fits. */
export const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** Bytes of a request's body. Attachments go straight to storage and never pass here. */
export const MAX_BODY_BYTES = 128 * 1024;
/** Bytes of a frame from a client; beyond it the socket closes with 1009 (rule 23). */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Invalid commands in a row before the socket closes with 4002 (rule 23: "or repeats"). */
export const MAX_INVALID_IN_A_ROW = 10;
/** Characters of a bearer token. */
export const MAX_TOKEN_LENGTH = 8192;
/** Bytes of an HS256 secret, at least (rule 2; RFC 7518 §3.2). */
export const MIN_SECRET_BYTES = 32;
/** Milliseconds that a socket ticket is good for (rule 4). */
export const TICKET_TTL_MS = 30_000;
/** Milliseconds that a REST write waits for the directory, at most. */
export const PROJECTION_WAIT_MS = 250;
/** Milliseconds after the last socket closed until a user is offline (rule 22). */
export const OFFLINE_AFTER_MS = 10_000;
/** Messages that a stranger may send before their request is accepted (rule 29). */
export const MAX_REQUEST_MESSAGES = 3;
/** Seconds that expired messages live unless the settings say otherwise: 7 days (rule 10). */
export const DEFAULT_DISAPPEARING_TTL_SECONDS = 7 * 24 * 3600;
/** Budgets: how many in how many seconds (rule 24). wrangler.toml has the same figures, for the platform counts. */
export const RATE_LIMITS = {
  /** Requests and commands of one user. */
  requests: { limit: 100, period: 60 },
  /** Typing and receipts of one user. */
  signals: { limit: 300, period: 60 },
  /** Attachments that one user fetches. */
  files: { limit: 1000, period: 60 },
  /** Searches in messages by one user: each is work for the shared directory. */
  search: { limit: 20, period: 60 },
  /** Requests from one address that carry no valid token. Many users share an address, so nothing else counts. */
  address: { limit: 600, period: 60 },
  /** Requests of one server credential, unless `SERVER_REQUESTS_PER_MINUTE` says otherwise (rule 28). */
  server: { limit: 1000, period: 60 },
} as const;
/** Budgets that a user's own object counts, since the platform counts no days: how many in how many seconds (rule 24). */
export const QUOTAS = {
  /** Conversations that one user makes. */
  create: [
    { limit: 10, period: 60 },
    { limit: 200, period: 86_400 },
  ],
  /** People whom one user adds to groups, when they are made and later. */
  invite: [{ limit: 500, period: 86_400 }],
} as const;
/** Frames of one socket, of whatever kind: so many a second, and so many at once. */
export const FRAMES_PER_SECOND = 60;
export const FRAME_BURST = 200;
/** Sockets of one user at their hub, and at one conversation. One more closes the oldest. */
export const MAX_SOCKETS = 10;
/** Commands over budget in a row before the socket closes with 4008 (rule 23). */
export const MAX_REFUSED_IN_A_ROW = 100;
/** Attachments of one message. */
export const MAX_ATTACHMENTS = 10;
/** Attachments that one request makes signed links to. */
export const MAX_LINKS = 50;
/** Seconds that an upload URL is good for (the guide's figure). */
export const UPLOAD_URL_TTL_SECONDS = 900;
/** Code points of a file's name. */
export const MAX_FILE_NAME_LENGTH = 255;
/** Characters of an image's blurred placeholder: the longest BlurHash has 166. */
export const MAX_PLACEHOLDER_LENGTH = 200;
/** Seconds of an audio or video file, as given by its sender: a week. */
export const MAX_DURATION_SECONDS = 7 * 24 * 3600;
/** Pixels of an image or video along one side. */
export const MAX_SIDE_PIXELS = 32_768;
/** Pixels of an image, so that showing it does not use up its viewers' memory. */
export const MAX_IMAGE_PIXELS = 100_000_000;
/** Uploads of one user that are not sent yet. They are deleted after a day. */
export const MAX_PENDING_UPLOADS = 100;
/** Bytes that a user may upload in a day, unless `MAX_UPLOAD_BYTES_PER_DAY` says otherwise. */
export const DEFAULT_MAX_UPLOAD_BYTES_PER_DAY = 2 * 1024 ** 3;
/** Bytes of an attachment, by its type, unless `MAX_IMAGE_BYTES` and its like say otherwise. */
export const DEFAULT_MAX_ATTACHMENT_BYTES = {
  image: 20 * 1024 * 1024,
  video: 100 * 1024 * 1024,
  audio: 50 * 1024 * 1024,
  file: 100 * 1024 * 1024,
} as const;
/** Devices of one user (rule 27). */
export const MAX_DEVICES = 25;
/** Characters of a push token. */
export const MAX_PUSH_TOKEN_LENGTH = 4096;
/** Characters of an app's id: a bundle id or a package name. */
export const MAX_APP_ID_LENGTH = 155;
/** Times of a week in which nothing pushes. */
export const MAX_PUSH_PERIODS = 20;
/** Characters of a VAPID public key: 65 bytes as base64url. */
export const MIN_VAPID_KEY_LENGTH = 87;
/** Characters of a message's text in a notification, before it is cut to what the provider takes. */
export const PUSH_PREVIEW_LENGTH = 200;
/** Members above which only mentions push, unless a user says otherwise for the conversation. */
export const MAX_PUSH_ALL_MEMBERS = 100;
/** Decisions in the log of a device. */
export const PUSH_LOG_LENGTH = 50;
/** Bytes of a notification, as all three providers have it. */
export const MAX_PUSH_PAYLOAD_BYTES = 4096;
/** Users in one request of a server (rule 28). */
export const MAX_USERS_BATCH = 100;
/** Bytes of the data of an app's own event, as JSON (rule 28). */
export const MAX_CUSTOM_EVENT_BYTES = 4096;
/** Code points of what a reporter says about a report (rule 29). */
export const MAX_REPORT_COMMENT_LENGTH = 1000;
/** Code points of a moderator's note or reason (rule 29). */
export const MAX_MODERATION_NOTE_LENGTH = 1000;
/** Reports of one user that are still open, of one day: one more is 429 (rule 29). */
export const OPEN_REPORTS = { limit: 20, period: 86_400 } as const;
/** Messages before and after a reported one that are kept with it, and of a reported conversation or user. */
export const REPORT_CONTEXT = 5;
export const REPORT_NEWEST = 11;
/** Notices of moderators that are kept for each user. */
export const MAX_NOTICES = 50;
/** Filters of the app, and entries of one (rule 29). */
export const MAX_FILTERS = 25;
export const MAX_FILTER_ENTRIES = 10_000;
/** Code points of an entry. */
export const MAX_FILTER_ENTRY_LENGTH = 100;
/** Characters (UTF-16) of the entries of all filters together: each isolate keeps up to 14 bytes for each. */
export const MAX_FILTER_CHARACTERS = 1_000_000;
/** Bytes of the body that makes a filter. */
export const MAX_FILTER_BYTES = 1024 * 1024;
/** Milliseconds after which an isolate looks whether filters have changed. */
export const FILTER_REFRESH_MS = 30_000;
/** Milliseconds that the first text in an isolate waits for the filters, at most. */
export const FILTER_WAIT_MS = 1_000;
/** Users whom one user blocks, at most (rule 29). */
export const MAX_BLOCKS = 1_000;
/** Conversations, or users, that one request gives back to the directory: it is answered within half a minute. */
export const MAX_REBUILT = 40;
/** Days for which a conversation, or a deployment, may be set to keep its messages. */
export const MAX_RETENTION_DAYS = 3_650;
/** Ranges in one event about many messages. */
export const MAX_EVENT_RANGES = 100;
/** Messages that one such event changes, at most: they share its number, and are written and read together. */
export const MAX_EVENT_MESSAGES = 1_000;
