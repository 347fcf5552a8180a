CREATE TABLE `external_conversations` (
	`external_id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`request` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `external_conversations_by_id` ON `external_conversations` (`conversation_id`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`job_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`status` text NOT NULL,
	`progress` real NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` (`updated_at`) WHERE status = 'running';--> statement-breakpoint
ALTER TABLE `users` ADD `set_by_server` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `metadata` text;--> statement-breakpoint
ALTER TABLE `users` ADD `deactivated_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `tokens_valid_from` integer DEFAULT 0 NOT NULL;
