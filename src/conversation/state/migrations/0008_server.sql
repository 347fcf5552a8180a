ALTER TABLE `conversation` ADD `metadata` text;--> statement-breakpoint
ALTER TABLE `members` ADD `visible_from` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `silent` integer;