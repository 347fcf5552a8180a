CREATE TABLE `asleep` (
	`user_id` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `conversation` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`name` text,
	`description` text,
	`photo_url` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`settings` text NOT NULL,
	`changed_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `cursors` (
	`name` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`rev` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `delivered` (
	`id` integer PRIMARY KEY NOT NULL,
	`watermarks` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `edits` (
	`seq` integer NOT NULL,
	`version` integer NOT NULL,
	`content` text NOT NULL,
	`metadata` text,
	`written_at` integer NOT NULL,
	PRIMARY KEY(`seq`, `version`)
);
--> statement-breakpoint
CREATE TABLE `hidden` (
	`user_id` text NOT NULL,
	`seq` integer NOT NULL,
	`at_seq` integer NOT NULL,
	`rev` integer NOT NULL,
	PRIMARY KEY(`user_id`, `seq`)
);
--> statement-breakpoint
CREATE INDEX `hidden_by_rev` ON `hidden` (`rev`);--> statement-breakpoint
CREATE TABLE `members` (
	`user_id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`display_name` text NOT NULL,
	`profile_photo_url` text,
	`profile_version` integer NOT NULL,
	`role` text NOT NULL,
	`joined_seq` integer NOT NULL,
	`left_seq` integer,
	`changed_seq` integer NOT NULL,
	`at_seq` integer NOT NULL,
	`last_read_seq` integer NOT NULL,
	`read_no` integer NOT NULL,
	`read_sent_no` integer NOT NULL,
	`unread_deleted` integer NOT NULL,
	`unread_mentions` integer NOT NULL,
	`hidden_seq` integer,
	`rev` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `members_by_rev` ON `members` (`rev`);--> statement-breakpoint
CREATE TABLE `mentions` (
	`user_id` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`user_id`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `messages` (
	`seq` integer PRIMARY KEY NOT NULL,
	`sender_id` text NOT NULL,
	`type` text NOT NULL,
	`content` text NOT NULL,
	`created_at` integer NOT NULL,
	`client_message_id` text,
	`reply_to_seq` integer,
	`metadata` text,
	`system` text,
	`mentions` text,
	`expires_at` integer,
	`no` integer NOT NULL,
	`sender_no` integer NOT NULL,
	`edited_at` integer,
	`deleted_at` integer,
	`changed_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `messages_by_sender` ON `messages` (`sender_id`,`seq`);--> statement-breakpoint
CREATE UNIQUE INDEX `messages_by_client_id` ON `messages` (`sender_id`,`client_message_id`) WHERE client_message_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_changed_later` ON `messages` (`changed_seq`) WHERE changed_seq > seq;--> statement-breakpoint
CREATE INDEX `messages_deleted` ON `messages` (`seq`) WHERE deleted_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_expiring` ON `messages` (`expires_at`) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `reactions` (
	`seq` integer NOT NULL,
	`user_id` text NOT NULL,
	`emoji` text NOT NULL,
	`reaction_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`seq`, `user_id`, `emoji`)
);
--> statement-breakpoint
CREATE TABLE `read_marks` (
	`user_id` text NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `seq`)
);
