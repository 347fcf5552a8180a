CREATE TABLE `flushes` (
	`conversation_id` text NOT NULL,
	`rev` integer NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`conversation_id`, `rev`)
);
