ALTER TABLE `push_words` ADD `failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `push_words` ADD `retry_at` integer;