CREATE TABLE `upload_quotas` (
	`user_id` text PRIMARY KEY NOT NULL,
	`day` integer NOT NULL,
	`bytes` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `attachments` ADD `key_token` text;--> statement-breakpoint
ALTER TABLE `attachments` ADD `checks` integer DEFAULT 0 NOT NULL;