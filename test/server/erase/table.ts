/**
 * Every column that can hold text, and whether a person can leave a word in it. The columns are read from the running databases
 * (columns.ts): one that is not here fails the test until its author has decided. Columns that are declared as numbers are looked
 * at by themselves.
 */
import type { Columns } from "./columns.ts";

/** The scene plants a word there, so the search at the end speaks of it. */
const PLANTED = "planted";
/** Why a person can leave no word in a column. */
const ID = "ids and random numbers, which stay";
const CHOICE = "one of a closed list, or a structure of those";
const APP = "the app's own: what it calls its things, and whom it names there, it changes itself";
const PLATFORM = "of the platform: names of objects are ids, values are its own";
const EMPTY = "nothing is stored there: an index without texts";

type Decision = typeof PLANTED | typeof ID | typeof CHOICE | typeof APP | typeof PLATFORM | typeof EMPTY;

/** By owner and table: what each column is. Without a list, the whole table is. */
type Tables = Record<string, Record<string, Partial<Record<Decision, string>> | Decision>>;

const TABLES: Tables = {
  directory: {
    _cf_METADATA: PLATFORM,
    d1_migrations: PLATFORM,
    sqlite_sequence: PLATFORM,
    api_keys: { [ID]: "key_id hash", [CHOICE]: "scopes", [APP]: "name" },
    attachments: {
      [PLANTED]: "file_name",
      [ID]: "attachment_id conversation_id uploader_id key_token",
      // A placeholder is a blurred picture of 32 by 32 points at most.
      [CHOICE]: "type mime_type state placeholder",
    },
    blocks: ID,
    conversations: {
      [PLANTED]: "name description photo_url",
      [ID]: "conversation_id created_by sent_counts",
      [CHOICE]: "type",
    },
    device_tokens: { [PLANTED]: "device_id", [ID]: "token_hash user_id former" },
    direct_pairs: ID,
    external_conversations: { [ID]: "conversation_id request", [APP]: "external_id" },
    flushes: ID,
    hidden: ID,
    // A certificate, or what an export has: counts, ids, names of files that are numbered.
    job_parts: { [ID]: "job_id part", [CHOICE]: "value" },
    jobs: { [ID]: "job_id subject", [CHOICE]: "kind status error result cursor" },
    members: { [ID]: "conversation_id user_id blocked", [CHOICE]: "role request" },
    messages: { [PLANTED]: "content", [ID]: "conversation_id sender_id", [CHOICE]: "type" },
    moderation_filters: { [APP]: "name entries", [CHOICE]: "type match action", [ID]: "version" },
    moderation_items: {
      [PLANTED]: "note",
      [ID]: "item_id target_id conversation_id user_id decided_by",
      [CHOICE]: "target_type status reasons withholding action",
    },
    moderation_log: {
      [PLANTED]: "reason details",
      [ID]: "log_id actor_id target_id conversation_id message_id item_id",
      [CHOICE]: "action",
    },
    moderation_notices: {
      [PLANTED]: "reason",
      [ID]: "user_id notice_id conversation_id message_id",
      [CHOICE]: "action",
    },
    preferences: { [ID]: "user_id conversation_id", [CHOICE]: "push_level" },
    report_snapshots: { [PLANTED]: "snapshot", [ID]: "report_id" },
    reports: { [PLANTED]: "comment", [ID]: "reporter_id target report_id item_id", [CHOICE]: "reason" },
    revision: ID,
    search_index: EMPTY,
    search_index_config: PLATFORM,
    search_index_data: { [PLANTED]: "block" },
    search_index_docsize: PLATFORM,
    search_index_idx: { [PLATFORM]: "segid term pgno" },
    upload_quotas: ID,
    user_names: { [PLANTED]: "text username", [ID]: "user_id" },
    users: {
      [PLANTED]: "external_id username display_name search_name profile_photo_url claims metadata ban_reason",
      [ID]: "user_id",
      [CHOICE]: "presence set_by_server who_can_message who_can_add",
    },
  },
  conversation: {
    __drizzle_migrations: PLATFORM,
    __miniflare_do_name: PLATFORM,
    _cf_ALARM: PLATFORM,
    // How large the file is, which epoch the directory had, how long messages are kept.
    _cf_KV: CHOICE,
    _cf_METADATA: PLATFORM,
    sqlite_sequence: PLATFORM,
    asleep: ID,
    attachments: ID,
    bans: { [PLANTED]: "person reason", [ID]: "user_id banned_by" },
    blocks: ID,
    conversation: {
      [PLANTED]: "name description photo_url",
      [ID]: "conversation_id created_by",
      [CHOICE]: "type settings",
      [APP]: "metadata",
    },
    cursors: CHOICE,
    delivered: ID,
    edits: { [PLANTED]: "content metadata" },
    erasures: { [ID]: "user_id", [CHOICE]: "messages counts" },
    evidence: { [PLANTED]: "kept" },
    evidence_versions: { [PLANTED]: "content metadata" },
    hidden: ID,
    members: {
      [PLANTED]: "username display_name profile_photo_url muted_reason",
      [ID]: "user_id muted_by",
      [CHOICE]: "role who_can_message shown_read request",
    },
    mentions: ID,
    messages: {
      [PLANTED]: "content client_message_id metadata mentions attachments",
      // Of what was masked a hash of the text, with the conversation's id.
      [ID]: "sender_id sent_hash",
      // A note of a system message: ids, and names of fields. An app's own is the app's.
      [CHOICE]: "type system",
    },
    moderation_notes: { [PLANTED]: "note" },
    pins: ID,
    purges: ID,
    push_words: { [ID]: "user_id", [CHOICE]: "word" },
    // An emoji is one of Unicode's.
    reactions: { [ID]: "user_id reaction_id", [CHOICE]: "emoji" },
    read_marks: ID,
    slow_edits: ID,
    tallies: ID,
  },
  hub: {
    __drizzle_migrations: PLATFORM,
    __miniflare_do_name: PLATFORM,
    _cf_ALARM: PLATFORM,
    // The reason of a ban by the app.
    _cf_KV: { [PLANTED]: "value", [CHOICE]: "key" },
    _cf_METADATA: PLATFORM,
    blocks: { [ID]: "user_id", [CHOICE]: "rollout" },
    devices: { [ID]: "connection_id conversation_id", [CHOICE]: "status screen" },
    dropped_tokens: ID,
    hub: { [PLANTED]: "profile_news", [ID]: "user_id", [CHOICE]: "chosen announced" },
    missed: ID,
    // A time zone is one of the runtime's list.
    push: CHOICE,
    push_conversations: {
      [PLANTED]: "name",
      [ID]: "conversation_id",
      [CHOICE]: "push_level word type",
    },
    push_devices: {
      [PLANTED]: "device_id app_id token",
      // Keys are of a fixed length.
      [ID]: "token_hash keys",
      // A language tag; decisions, and what a provider has answered.
      [CHOICE]: "platform provider environment locale preview log",
    },
    push_items: { [PLANTED]: "device_id pending", [ID]: "conversation_id" },
    released_tokens: ID,
    sleepers: ID,
    tickets: { [PLANTED]: "identity", [ID]: "ticket" },
  },
  metrics: {
    __miniflare_do_name: PLATFORM,
    _cf_ALARM: PLATFORM,
    // Numbers, by a closed list of names and labels (src/metrics/families.ts).
    _cf_KV: CHOICE,
  },
  bucket: {
    // Keys have ids and a random part; what is stored beside an object is its type and the size of a picture. Bytes are files.
    _mf_objects: ID,
    _mf_multipart_parts: ID,
    _mf_multipart_uploads: ID,
  },
};

/** What is decided about a column, such as `directory.users.username`; undefined if nothing is. */
function decisionOf(column: string): Decision | undefined {
  const [owner = "", table = "", name = ""] = column.split(".");
  const known = TABLES[owner]?.[table];
  if (typeof known === "string" || known === undefined) return known;
  const entries = Object.entries(known) as [Decision, string][];
  return entries.find(([, columns]) => columns.split(" ").includes(name))?.[0];
}

/** Columns that are planted. */
function plantedColumns(): string[] {
  return Object.entries(TABLES).flatMap(([owner, tables]) =>
    Object.entries(tables).flatMap(([table, known]) =>
      typeof known === "string"
        ? []
        : (known[PLANTED] ?? "").split(" ").flatMap((name) => (name ? [`${owner}.${table}.${name}`] : [])),
    ),
  );
}

/** What the table does not say of the columns that there are, or says of none. */
export function undecided({ texts, wrong }: Columns): string[] {
  const tables = new Set([...texts].map((column) => column.split(".").slice(0, 2).join(".")));
  const known = Object.entries(TABLES).flatMap(([owner, own]) =>
    Object.keys(own).map((table) => `${owner}.${table}`),
  );
  return [
    ...[...texts]
      .filter((column) => decisionOf(column) === undefined)
      .map((column) => `${column}: nothing is decided (erase/table.ts)`),
    ...[...wrong].map((column) => `${column}: text in a column of numbers`),
    ...known.filter((table) => !tables.has(table)).map((table) => `${table}: there is no such table`),
  ];
}

/** Where the table and the scene disagree. @param found columns in which the words stand before the erasure. */
export function misplanted(found: ReadonlySet<string>): string[] {
  return [
    ...plantedColumns()
      .filter((column) => !found.has(column))
      .map((column) => `${column}: the word was not planted`),
    ...[...found]
      .filter((column) => decisionOf(column) !== PLANTED)
      .map((column) => `${column}: the word stands there, and the table says: ${decisionOf(column)}`),
  ];
}
