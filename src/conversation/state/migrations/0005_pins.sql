CREATE TABLE `pins` (
	`seq` integer PRIMARY KEY NOT NULL,
	`pinned_seq` integer NOT NULL,
	`pinned_at` integer NOT NULL,
	`pinned_by` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pins_by_order` ON `pins` (`pinned_seq`);