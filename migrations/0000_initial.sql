CREATE TABLE `conversations` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`name` text,
	`description` text,
	`photo_url` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`member_count` integer NOT NULL,
	`seq` integer NOT NULL,
	`message_no` integer NOT NULL,
	`last_message_seq` integer NOT NULL,
	`last_activity_at` integer NOT NULL,
	`rev` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `direct_pairs` (
	`pair` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `hidden` (
	`user_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`user_id`, `conversation_id`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `members` (
	`conversation_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`joined_seq` integer NOT NULL,
	`left_seq` integer,
	`last_read_seq` integer NOT NULL,
	`read_no` integer NOT NULL,
	`read_sent_no` integer NOT NULL,
	`unread_deleted` integer NOT NULL,
	`unread_mentions` integer NOT NULL,
	`hidden_seq` integer,
	`sent_no` integer DEFAULT 0 NOT NULL,
	`rev` integer NOT NULL,
	PRIMARY KEY(`conversation_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `members_by_user` ON `members` (`user_id`,`left_seq`);--> statement-breakpoint
CREATE INDEX `members_in_order` ON `members` (`conversation_id`,`left_seq`,`joined_seq`);--> statement-breakpoint
CREATE TABLE `messages` (
	`id` integer PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	`changed_seq` integer NOT NULL,
	`sender_id` text NOT NULL,
	`type` text NOT NULL,
	`content` text NOT NULL,
	`created_at` integer NOT NULL,
	`edited_at` integer,
	`deleted_at` integer,
	`expires_at` integer,
	`rev` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `messages_by_seq` ON `messages` (`conversation_id`,`seq`);--> statement-breakpoint
CREATE TABLE `preferences` (
	`user_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`is_muted` integer NOT NULL,
	`muted_until` integer,
	`is_pinned` integer NOT NULL,
	`is_archived` integer NOT NULL,
	`rev` integer NOT NULL,
	PRIMARY KEY(`user_id`, `conversation_id`)
);
--> statement-breakpoint
CREATE TABLE `revision` (
	`id` integer PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`user_id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`display_name` text NOT NULL,
	`search_name` text NOT NULL,
	`profile_photo_url` text,
	`claims` text NOT NULL,
	`version` integer NOT NULL,
	`presence` text NOT NULL,
	`connected` integer DEFAULT false NOT NULL,
	`last_seen_at` integer,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `users_by_username` ON `users` (`username`);--> statement-breakpoint
CREATE INDEX `users_by_search_name` ON `users` (`search_name`);