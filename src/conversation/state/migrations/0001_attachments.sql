CREATE TABLE `attachments` (
	`attachment_id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `attachments_by_message` ON `attachments` (`seq`);--> statement-breakpoint
ALTER TABLE `messages` ADD `attachments` text;