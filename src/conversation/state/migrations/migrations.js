import journal from './meta/_journal.json';
import m0000 from './0000_initial.sql';
import m0001 from './0001_attachments.sql';
import m0002 from './0002_mentions_by_seq.sql';
import m0003 from './0003_redaction.sql';
import m0004 from './0004_hidden_by_member.sql';
import m0005 from './0005_pins.sql';
import m0006 from './0006_tallies.sql';
import m0007 from './0007_push_words.sql';
import m0008 from './0008_server.sql';
import m0009 from './0009_moderation_notes.sql';
import m0010 from './0010_blocks.sql';
import m0011 from './0011_rooms.sql';
import m0012 from './0012_sent_hash.sql';
import m0013 from './0013_requests.sql';
import m0014 from './0014_evidence.sql';
import m0015 from './0015_push_retries.sql';
import m0016 from './0016_erasure.sql';
import m0017 from './0017_muted_by.sql';

  export default {
    journal,
    migrations: {
      m0000,
m0001,
m0002,
m0003,
m0004,
m0005,
m0006,
m0007,
m0008,
m0009,
m0010,
m0011,
m0012,
m0013,
m0014,
m0015,
m0016,
m0017
    }
  }
  