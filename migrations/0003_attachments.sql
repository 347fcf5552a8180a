CREATE TABLE `attachments` (
	`attachment_id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`uploader_id` text NOT NULL,
	`type` text NOT NULL,
	`file_name` text NOT NULL,
	`mime_type` text NOT NULL,
	`file_size` integer NOT NULL,
	`clean_size` integer,
	`width` integer,
	`height` integer,
	`duration` real,
	`placeholder` text,
	`created_at` integer NOT NULL,
	`state` text NOT NULL,
	`due_at` integer
);
--> statement-breakpoint
CREATE INDEX `attachments_due` ON `attachments` (`due_at`) WHERE due_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `attachments_pending` ON `attachments` (`uploader_id`) WHERE state = 'pending';