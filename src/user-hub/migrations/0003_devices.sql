CREATE TABLE `devices` (
	`connection_id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`status` text NOT NULL
);
--> statement-breakpoint
DROP TABLE `attached`;