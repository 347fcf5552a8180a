CREATE TABLE `dropped_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `hub` ADD `mute_ends_at` integer;--> statement-breakpoint
ALTER TABLE `push` ADD `wanted_since` integer;--> statement-breakpoint
ALTER TABLE `push` ADD `failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `push` ADD `retry_at` integer;--> statement-breakpoint
ALTER TABLE `push_conversations` ADD `wanted_since` integer;--> statement-breakpoint
CREATE INDEX `push_conversations_stale` ON `push_conversations` (`is_stale`) WHERE is_stale = 1;--> statement-breakpoint
CREATE INDEX `push_conversations_mutes` ON `push_conversations` (`muted_until`) WHERE muted_until IS NOT NULL;--> statement-breakpoint
CREATE INDEX `push_conversations_levels` ON `push_conversations` (`push_level`) WHERE push_level IS NOT NULL;--> statement-breakpoint
CREATE INDEX `push_items_pending` ON `push_items` (`device_id`,`conversation_id`,`due_at`) WHERE pending IS NOT NULL;