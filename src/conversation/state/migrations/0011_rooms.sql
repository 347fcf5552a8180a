CREATE TABLE `bans` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`person` text NOT NULL,
	`until` integer NOT NULL,
	`reason` text,
	`banned_by` text NOT NULL,
	`banned_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `bans_by_user` ON `bans` (`user_id`);--> statement-breakpoint
CREATE TABLE `purges` (
	`sender_id` text PRIMARY KEY NOT NULL,
	`before_seq` integer NOT NULL,
	`since` integer NOT NULL,
	`deleted_by` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `slow_edits` (
	`user_id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `members` ADD `muted_until` integer;--> statement-breakpoint
ALTER TABLE `members` ADD `muted_reason` text;