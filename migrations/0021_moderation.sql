CREATE TABLE `moderation_items` (
	`item_id` text PRIMARY KEY NOT NULL,
	`target_type` text NOT NULL,
	`target_id` text NOT NULL,
	`conversation_id` text,
	`user_id` text,
	`status` text NOT NULL,
	`opened_at` integer NOT NULL,
	`report_count` integer DEFAULT 0 NOT NULL,
	`reasons` text DEFAULT '{}' NOT NULL,
	`withholding` text DEFAULT 'none' NOT NULL,
	`action` text,
	`note` text,
	`until` integer,
	`decided_by` text,
	`decided_at` integer,
	`is_applied` integer DEFAULT false NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `moderation_items_open` ON `moderation_items` (`target_id`,`target_type`) WHERE status = 'open';--> statement-breakpoint
CREATE INDEX `moderation_items_in_order` ON `moderation_items` (`status`,`opened_at`,`item_id`);--> statement-breakpoint
CREATE INDEX `moderation_items_wanted` ON `moderation_items` (`opened_at`) WHERE withholding = 'wanted' AND status = 'open';--> statement-breakpoint
CREATE INDEX `moderation_items_unapplied` ON `moderation_items` (`decided_at`) WHERE status = 'done' AND is_applied = 0;--> statement-breakpoint
CREATE TABLE `moderation_log` (
	`log_id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`action` text NOT NULL,
	`actor_id` text,
	`target_id` text,
	`conversation_id` text,
	`message_id` text,
	`item_id` text,
	`reason` text,
	`details` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `moderation_log_in_order` ON `moderation_log` (`at`,`log_id`);--> statement-breakpoint
CREATE INDEX `moderation_log_by_target` ON `moderation_log` (`target_id`,`at`,`log_id`);--> statement-breakpoint
CREATE INDEX `moderation_log_by_actor` ON `moderation_log` (`actor_id`,`at`,`log_id`);--> statement-breakpoint
CREATE INDEX `moderation_log_flags` ON `moderation_log` (`item_id`,`at`) WHERE action = 'filter.flag';--> statement-breakpoint
CREATE TABLE `moderation_notices` (
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`notice_id` text NOT NULL,
	`action` text NOT NULL,
	`reason` text NOT NULL,
	`until` integer,
	`conversation_id` text,
	`message_id` text,
	PRIMARY KEY(`user_id`, `notice_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `report_snapshots` (
	`id` integer PRIMARY KEY NOT NULL,
	`report_id` text NOT NULL,
	`snapshot` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `report_snapshots_report_id_unique` ON `report_snapshots` (`report_id`);--> statement-breakpoint
CREATE TABLE `reports` (
	`reporter_id` text NOT NULL,
	`target` text NOT NULL,
	`report_id` text NOT NULL,
	`item_id` text NOT NULL,
	`reason` text NOT NULL,
	`comment` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`reporter_id`, `target`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reports_by_item` ON `reports` (`item_id`,`created_at`,`report_id`);--> statement-breakpoint
CREATE INDEX `reports_by_reporter` ON `reports` (`reporter_id`,`created_at`);--> statement-breakpoint
ALTER TABLE `users` ADD `banned_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `banned_until` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `ban_reason` text;--> statement-breakpoint
CREATE INDEX `users_banned` ON `users` (`banned_at`,`user_id`) WHERE banned_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `jobs` ADD `cursor` text;