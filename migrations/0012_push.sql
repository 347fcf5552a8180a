CREATE TABLE `device_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`device_id` text NOT NULL,
	`version` integer NOT NULL,
	`former` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `device_tokens_unreleased` ON `device_tokens` (`token_hash`) WHERE former <> '[]';--> statement-breakpoint
ALTER TABLE `preferences` ADD `push_level` text;