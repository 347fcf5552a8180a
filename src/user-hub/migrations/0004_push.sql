CREATE TABLE `push` (
	`id` integer PRIMARY KEY NOT NULL,
	`preferences` text NOT NULL,
	`version` integer NOT NULL,
	`is_seeded` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `push_conversations` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`is_muted` integer NOT NULL,
	`muted_until` integer,
	`push_level` text,
	`word` text NOT NULL,
	`is_told` integer NOT NULL,
	`type` text NOT NULL,
	`name` text,
	`member_count` integer NOT NULL,
	`seq` integer NOT NULL,
	`rev` integer NOT NULL,
	`last_read_seq` integer NOT NULL,
	`unread_count` integer NOT NULL,
	`unread_mentions` integer NOT NULL,
	`is_stale` integer NOT NULL,
	`decided_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `push_conversations_untold` ON `push_conversations` (`is_told`) WHERE is_told = 0;--> statement-breakpoint
CREATE TABLE `push_devices` (
	`device_id` text PRIMARY KEY NOT NULL,
	`platform` text NOT NULL,
	`provider` text NOT NULL,
	`app_id` text,
	`token` text NOT NULL,
	`token_hash` text NOT NULL,
	`token_version` integer NOT NULL,
	`environment` text,
	`locale` text,
	`preview` text,
	`keys` text,
	`is_active` integer NOT NULL,
	`registered_at` integer NOT NULL,
	`last_pushed_at` integer,
	`last_badge` integer,
	`log` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `push_items` (
	`device_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`pending` text,
	`due_at` integer,
	`shown_seq` integer NOT NULL,
	`shown_edited_at` integer,
	PRIMARY KEY(`device_id`, `conversation_id`)
);
--> statement-breakpoint
CREATE TABLE `released_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `devices` ADD `screen` text;