CREATE TABLE `job_parts` (
	`job_id` text NOT NULL,
	`part` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`job_id`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `users` ADD `erased_at` integer;--> statement-breakpoint
ALTER TABLE `jobs` ADD `result` text;--> statement-breakpoint
CREATE INDEX `jobs_by_subject` ON `jobs` (`subject`);--> statement-breakpoint
CREATE INDEX `jobs_exports` ON `jobs` (`created_at`) WHERE kind = 'export_user' AND result IS NOT NULL;
