/** Prepared statements for the path of a message. They run synchronously. */
import { and, asc, desc, eq, gt, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { highest, replacementsOf, valuesOf } from "./columns.ts";
import type * as schema from "./schema.ts";
import { conversation, cursors, delivered, hidden, members, messages } from "./schema.ts";

/** Creates a value on first use. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The statements, each prepared when it is first used. Values are given by name. */
export function prepareStatements(db: DrizzleSqliteDODatabase<typeof schema>) {
  const value = sql.placeholder;
  const isHidden = sql`(SELECT 1 FROM ${hidden} WHERE ${hidden.user_id} = ${value("viewer")}
    AND ${hidden.seq} = ${messages.seq})`;
  const between = and(
    gt(messages.seq, value("after")),
    lt(messages.seq, value("before")),
    sql`NOT EXISTS ${isHidden}`,
  );
  const isBySeen = sql`(${messages.type} = 'system'
    OR ${messages.sender_id} NOT IN (SELECT value FROM json_each(${value("unseen")})))`;
  const seenBetween = and(between, isBySeen);
  return {
    insertMessage: once(() => db.insert(messages).values(valuesOf(messages)).prepare()),
    putMember: once(() =>
      db
        .insert(members)
        .values(valuesOf(members))
        .onConflictDoUpdate({ target: members.user_id, set: replacementsOf(members) })
        .prepare(),
    ),
    putCounts: once(() =>
      db
        .update(members)
        .set({
          unread_deleted: sql`counts.value->>'unread_deleted'`,
          unread_mentions: sql`counts.value->>'unread_mentions'`,
          rev: sql`${value("rev")}`,
          at_seq: sql`${value("at_seq")}`,
        })
        .from(sql`json_each(${value("counts")}) AS counts`)
        .where(sql`${members.user_id} = counts.value->>'user_id'`)
        .prepare(),
    ),
    expired: once(() =>
      db
        .select()
        .from(messages)
        .where(and(lte(messages.expires_at, value("now")), isNull(messages.deleted_at)))
        .orderBy(asc(messages.expires_at))
        .limit(value("limit"))
        .prepare(),
    ),
    nextExpiry: once(() =>
      db
        .select({ at: messages.expires_at })
        .from(messages)
        .where(and(isNotNull(messages.expires_at), isNull(messages.deleted_at)))
        .orderBy(asc(messages.expires_at))
        .limit(1)
        .prepare(),
    ),
    heads: once(() =>
      db
        .select({
          settings: conversation.changed_seq,
          changed: highest("changed_seq", messages, sql`changed_seq > seq`),
          roster: highest("changed_seq", members),
          rev: highest("rev", members),
          hidden_rev: highest("rev", hidden),
        })
        .from(conversation)
        .prepare(),
    ),
    putDelivered: once(() =>
      db
        .insert(delivered)
        .values({ id: 1, watermarks: value("watermarks") })
        .onConflictDoUpdate({ target: delivered.id, set: { watermarks: sql`excluded.watermarks` } })
        .prepare(),
    ),
    cursor: once(() =>
      db
        .select({ seq: cursors.seq, rev: cursors.rev })
        .from(cursors)
        .where(eq(cursors.name, value("name")))
        .prepare(),
    ),
    setCursor: once(() =>
      db
        .insert(cursors)
        .values({ name: value("name"), seq: value("seq"), rev: value("rev") })
        .onConflictDoUpdate({
          target: cursors.name,
          set: { seq: sql`excluded.seq`, rev: sql`excluded.rev` },
        })
        .prepare(),
    ),
    message: once(() =>
      db
        .select()
        .from(messages)
        .where(eq(messages.seq, value("seq")))
        .prepare(),
    ),
    byClientId: once(() =>
      db
        .select()
        .from(messages)
        .where(
          and(eq(messages.sender_id, value("sender_id")), eq(messages.client_message_id, value("client_id"))),
        )
        .prepare(),
    ),
    placeAt: once(() =>
      db
        .select({
          seq: messages.seq,
          no: messages.no,
          sender_id: messages.sender_id,
          sender_no: messages.sender_no,
          created_at: messages.created_at,
        })
        .from(messages)
        .where(lte(messages.seq, value("seq")))
        .orderBy(desc(messages.seq))
        .limit(1)
        .prepare(),
    ),
    sendersBetween: once(() =>
      db
        .selectDistinct({ user_id: messages.sender_id })
        .from(messages)
        .where(and(gt(messages.seq, value("after")), lte(messages.seq, value("up_to"))))
        .prepare(),
    ),
    newest: once(() =>
      db.select().from(messages).where(between).orderBy(desc(messages.seq)).limit(value("limit")).prepare(),
    ),
    oldest: once(() =>
      db.select().from(messages).where(between).orderBy(asc(messages.seq)).limit(value("limit")).prepare(),
    ),
    newestSeen: once(() =>
      db
        .select()
        .from(messages)
        .where(seenBetween)
        .orderBy(desc(messages.seq))
        .limit(value("limit"))
        .prepare(),
    ),
    oldestSeen: once(() =>
      db
        .select()
        .from(messages)
        .where(seenBetween)
        .orderBy(asc(messages.seq))
        .limit(value("limit"))
        .prepare(),
    ),
    unchangedAfter: once(() =>
      db
        .select()
        .from(messages)
        .where(and(gt(messages.seq, value("after")), eq(messages.changed_seq, messages.seq)))
        .orderBy(asc(messages.seq))
        .limit(value("limit"))
        .prepare(),
    ),
    after: once(() =>
      db
        .select()
        .from(messages)
        .where(gt(messages.seq, value("after")))
        .orderBy(asc(messages.seq))
        .limit(value("limit"))
        .prepare(),
    ),
    changedAfter: once(() =>
      db
        .select()
        .from(messages)
        .where(
          and(
            gt(messages.changed_seq, value("after")),
            gt(messages.changed_seq, messages.seq),
            lte(messages.seq, value("up_to")),
          ),
        )
        .orderBy(asc(messages.changed_seq))
        .limit(value("limit"))
        .prepare(),
    ),
    changedAt: once(() =>
      db
        .select()
        .from(messages)
        .where(
          and(
            eq(messages.changed_seq, value("seq")),
            gt(messages.changed_seq, messages.seq),
            lte(messages.seq, value("after")),
          ),
        )
        .prepare(),
    ),
    correctedAfter: once(() =>
      db
        .select()
        .from(messages)
        .where(
          and(
            gt(messages.changed_seq, value("after")),
            gt(messages.changed_seq, messages.seq),
            or(isNotNull(messages.edited_at), isNotNull(messages.deleted_at)),
          ),
        )
        .orderBy(desc(messages.changed_seq))
        .limit(value("limit"))
        .prepare(),
    ),
  };
}
