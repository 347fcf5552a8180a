-- Tables whose key is text, in the order of their key (`WITHOUT ROWID`): a look by the key then finds the row itself, where
-- it found a number that had to be looked up once more, and a new row is one row written instead of two.
-- drizzle-kit does not know of it: a migration of its own that makes one of these tables anew must say it again ([PLAN-3]).
CREATE TABLE `__conversations` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`name` text,
	`description` text,
	`photo_url` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`member_count` integer NOT NULL,
	`seq` integer NOT NULL,
	`message_no` integer NOT NULL,
	`last_message_seq` integer NOT NULL,
	`last_activity_at` integer NOT NULL,
	`rev` integer NOT NULL,
	`has_sockets` integer DEFAULT false NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__conversations` (`conversation_id`, `type`, `name`, `description`, `photo_url`, `created_by`, `created_at`, `member_count`, `seq`, `message_no`, `last_message_seq`, `last_activity_at`, `rev`, `has_sockets`) SELECT `conversation_id`, `type`, `name`, `description`, `photo_url`, `created_by`, `created_at`, `member_count`, `seq`, `message_no`, `last_message_seq`, `last_activity_at`, `rev`, `has_sockets` FROM `conversations`;
--> statement-breakpoint
DROP TABLE `conversations`;
--> statement-breakpoint
ALTER TABLE `__conversations` RENAME TO `conversations`;
--> statement-breakpoint
CREATE TABLE `__members` (
	`conversation_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`joined_seq` integer NOT NULL,
	`left_seq` integer,
	`last_read_seq` integer NOT NULL,
	`read_no` integer NOT NULL,
	`read_sent_no` integer NOT NULL,
	`unread_deleted` integer NOT NULL,
	`unread_mentions` integer NOT NULL,
	`hidden_seq` integer,
	`sent_no` integer DEFAULT 0 NOT NULL,
	`rev` integer NOT NULL,
	`version` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`conversation_id`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__members` (`conversation_id`, `user_id`, `role`, `joined_seq`, `left_seq`, `last_read_seq`, `read_no`, `read_sent_no`, `unread_deleted`, `unread_mentions`, `hidden_seq`, `sent_no`, `rev`, `version`) SELECT `conversation_id`, `user_id`, `role`, `joined_seq`, `left_seq`, `last_read_seq`, `read_no`, `read_sent_no`, `unread_deleted`, `unread_mentions`, `hidden_seq`, `sent_no`, `rev`, `version` FROM `members`;
--> statement-breakpoint
DROP TABLE `members`;
--> statement-breakpoint
ALTER TABLE `__members` RENAME TO `members`;
--> statement-breakpoint
CREATE INDEX `members_in_order` ON `members` (`conversation_id`,`left_seq`,`joined_seq`);
--> statement-breakpoint
CREATE INDEX `members_by_user` ON `members` (`user_id`,`left_seq`,`hidden_seq`,`conversation_id`);
--> statement-breakpoint
CREATE TABLE `__preferences` (
	`user_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`is_muted` integer NOT NULL,
	`muted_until` integer,
	`is_pinned` integer NOT NULL,
	`is_archived` integer NOT NULL,
	`rev` integer NOT NULL,
	PRIMARY KEY(`user_id`, `conversation_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__preferences` (`user_id`, `conversation_id`, `is_muted`, `muted_until`, `is_pinned`, `is_archived`, `rev`) SELECT `user_id`, `conversation_id`, `is_muted`, `muted_until`, `is_pinned`, `is_archived`, `rev` FROM `preferences`;
--> statement-breakpoint
DROP TABLE `preferences`;
--> statement-breakpoint
ALTER TABLE `__preferences` RENAME TO `preferences`;
--> statement-breakpoint
CREATE TABLE `__hidden` (
	`user_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`user_id`, `conversation_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__hidden` (`user_id`, `conversation_id`, `seq`) SELECT `user_id`, `conversation_id`, `seq` FROM `hidden`;
--> statement-breakpoint
DROP TABLE `hidden`;
--> statement-breakpoint
ALTER TABLE `__hidden` RENAME TO `hidden`;
--> statement-breakpoint
CREATE TABLE `__flushes` (
	`conversation_id` text NOT NULL,
	`rev` integer NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`conversation_id`, `rev`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__flushes` (`conversation_id`, `rev`, `seq`) SELECT `conversation_id`, `rev`, `seq` FROM `flushes`;
--> statement-breakpoint
DROP TABLE `flushes`;
--> statement-breakpoint
ALTER TABLE `__flushes` RENAME TO `flushes`;
