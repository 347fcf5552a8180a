CREATE TABLE `blocks` (
	`user_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`is_blocked` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`rollout` text
);
--> statement-breakpoint
ALTER TABLE `hub` ADD `block_version` integer DEFAULT 0 NOT NULL;