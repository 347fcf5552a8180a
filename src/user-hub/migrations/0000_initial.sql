CREATE TABLE `attached` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `hub` (
	`user_id` text PRIMARY KEY NOT NULL,
	`generation` integer NOT NULL,
	`chosen` text NOT NULL,
	`announced` text NOT NULL,
	`closed_at` integer
);
--> statement-breakpoint
CREATE TABLE `sleepers` (
	`conversation_id` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tickets` (
	`ticket` text PRIMARY KEY NOT NULL,
	`identity` text NOT NULL,
	`expires_at` integer NOT NULL
);
