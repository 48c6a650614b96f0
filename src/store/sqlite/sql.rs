//! Every query whose speed depends on an index, by name: the plans of these are tested.
//!
//! A limit is written `+?2`: of a bare parameter SQLite looks at the value when it makes a plan, and so makes another one
//! each time a value is bound.

pub(crate) const KNOWN: &str = "SELECT item FROM place WHERE folder = ?1";
pub(crate) const UNMARKED: &str = "SELECT item FROM place WHERE folder = ?1 AND marked = 0 ORDER BY item";
pub(crate) const NEXT_MOMENT: &str = "\
    SELECT 0 AS id, min(next_at) AS next_at FROM ( \
        SELECT (SELECT next_at FROM task WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) AS next_at \
        UNION ALL SELECT (SELECT next_at FROM absence WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
        UNION ALL SELECT (SELECT next_at FROM drill WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
        UNION ALL SELECT (SELECT next_at FROM expectation WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
        UNION ALL SELECT min(next_at) FROM routine WHERE name <> 'cover')";
pub(crate) const NEXT_PROOF: &str = "SELECT 0 AS id, next_at FROM routine WHERE name = 'cover'";
pub(crate) const NEXT_LETTER: &str =
    "SELECT id, next_at FROM letter WHERE state = 'waiting' AND next_at IS NOT NULL ORDER BY next_at LIMIT 1";
/// Of those that wait, the one that could have left first.
pub(crate) const LONGEST_WAITING: &str = "SELECT id, task, leaves AS at, reason, put_off FROM letter WHERE state = 'waiting' ORDER BY leaves LIMIT 1";
pub(crate) const LAST_REFUSED: &str = "\
    SELECT id, task, settled AS at, reason, put_off FROM letter WHERE state = 'refused' AND settled IS NOT NULL \
    ORDER BY settled DESC LIMIT 1";
/// One statement: on the way to the connection and back there is more time than in any of its parts.
pub(crate) const DUE: &str = "\
    SELECT * FROM (SELECT 0 AS kind, next_at, id, person, NULL AS name FROM absence \
                   WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
    UNION ALL SELECT * FROM (SELECT 1, next_at, id, NULL, NULL FROM task \
                             WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
    UNION ALL SELECT * FROM (SELECT 2, next_at, letter, NULL, NULL FROM drill \
                             WHERE next_at <= ?1 ORDER BY next_at, letter LIMIT +?2) \
    UNION ALL SELECT * FROM (SELECT 3, next_at, id, NULL, NULL FROM expectation \
                             WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
    UNION ALL SELECT 4, next_at, 0, NULL, name FROM routine WHERE next_at <= ?1 AND name <> 'cover'";
/// Open tasks that rest until a moment that is still to come, and whose course ends in something that is, too.
pub(crate) const PUT_OFF: &str = "\
    SELECT id FROM task WHERE next_at > ?1 \
    AND (SELECT at FROM history WHERE history.task = task.id \
         AND json_extract(what, '$.what') NOT IN (SELECT value FROM json_each(?2)) \
         ORDER BY history.id DESC LIMIT 1) > ?1";
/// The last step in the course of any open task that has a next moment, by the clock of then.
pub(crate) const LAST_STEP: &str = "\
    SELECT 0 AS id, \
           max((SELECT at FROM history WHERE history.task = task.id \
                AND json_extract(what, '$.what') NOT IN (SELECT value FROM json_each(?1)) \
                ORDER BY history.id DESC LIMIT 1)) AS at \
    FROM task WHERE next_at IS NOT NULL";
pub(crate) const RESTING: &str = "\
    SELECT id, leaves, next_at FROM letter WHERE state = 'waiting' AND next_at > ?1 ORDER BY next_at, id";
pub(crate) const TASKS_WITH: &str = "\
    SELECT id FROM task WHERE state <> 'done' AND person IS NOT NULL \
    AND person IN (SELECT value FROM json_each(?1))";
pub(crate) const TASKS_OF_CHORES: &str = "\
    SELECT id FROM task WHERE state <> 'done' AND message IS NULL AND expectation IS NULL AND silence IS NULL \
    AND kind IN (SELECT value FROM json_each(?1))";
pub(crate) const UNSENT: &str = "\
    SELECT id, task, rung, round FROM letter \
    WHERE task IS NOT NULL AND task IN (SELECT value FROM json_each(?1)) AND state = 'waiting'";
pub(crate) const LETTERS_OF_TASK: &str = "\
    SELECT letter.id, letter.task, letter.rung, letter.round, wording.recipient, wording.message_id \
    FROM letter JOIN wording ON wording.letter = letter.id WHERE letter.task = ?1";
pub(crate) const LETTER: &str = "\
    SELECT letter.id, letter.task, letter.rung, letter.round, wording.recipient, wording.message_id, \
           EXISTS (SELECT 1 FROM drill WHERE drill.letter = letter.id) AS drill \
    FROM letter JOIN wording ON wording.letter = letter.id WHERE letter.id = ?1";
pub(crate) const LETTERS_WITH: &str = "\
    SELECT id, task, rung, round FROM letter WHERE together = ?1 AND id <> ?1 AND task IS NOT NULL ORDER BY id";
pub(crate) const DRILL: &str = "\
    SELECT letter.id, drill.state, drill.next_at, drill.task, drill.lost, drill.how, letter.queued, \
           letter.state AS post, letter.settled, letter.reason, wording.recipient \
    FROM drill JOIN letter ON letter.id = drill.letter JOIN wording ON wording.letter = letter.id \
    WHERE drill.letter = ?1";
pub(crate) const DRILLS: &str = "\
    SELECT letter.id, drill.state, drill.next_at, drill.task, drill.lost, drill.how, letter.queued, \
           letter.state AS post, letter.settled, letter.reason, wording.recipient \
    FROM drill JOIN letter ON letter.id = drill.letter JOIN wording ON wording.letter = letter.id \
    ORDER BY drill.letter";
pub(crate) const FIRST_SENT: &str = "\
    SELECT 0 AS id, min(settled) AS settled FROM letter WHERE task = ?1 AND state = 'sent'";
pub(crate) const ROUTINES: &str = "SELECT 0 AS id, name, next_at FROM routine";
pub(crate) const OUTLOOK: &str = "SELECT only AS id, at, holes FROM outlook";
pub(crate) const PARTNER_DAYS: &str = "\
    SELECT 0 AS id, source, day, mails, unrecognised, last FROM partner_day WHERE day >= ?1";
pub(crate) const FIRST_RULES: &str = "SELECT id, at FROM rulebook ORDER BY id LIMIT 1";
pub(crate) const DRIFTS: &str = "SELECT 0 AS id, source, told FROM drift";
pub(crate) const SILENT: &str = "\
    SELECT silence FROM task WHERE silence IS NOT NULL AND state <> 'done'";
/// The last of each, and older ones that were opened again.
pub(crate) const LAST_SILENCES: &str = "\
    SELECT max(id) FROM task WHERE silence IS NOT NULL GROUP BY silence \
    UNION ALL SELECT id FROM task WHERE silence IS NOT NULL AND state <> 'done'";
/// What is open and came of the same chore, or of the same silence.
pub(crate) const TASKS_BESIDE: &str = "\
    SELECT other.id FROM task JOIN task other ON other.kind = task.kind \
    WHERE task.id IN (SELECT value FROM json_each(?1)) AND task.message IS NULL AND task.expectation IS NULL \
    AND task.silence IS NULL AND other.state <> 'done' AND other.message IS NULL AND other.expectation IS NULL \
    AND other.silence IS NULL UNION ALL SELECT other.id FROM task JOIN task other ON other.silence = task.silence \
    WHERE task.id IN (SELECT value FROM json_each(?1)) AND other.silence IS NOT NULL AND other.state <> 'done'";
pub(crate) const ABSENCES_SOON: &str =
    "SELECT * FROM absence WHERE state <> 'over' AND starts <= ?1 ORDER BY starts, id";
pub(crate) const ABSENCES_BY_ID: &str = "SELECT * FROM absence WHERE id IN (SELECT value FROM json_each(?1))";
pub(crate) const ABSENCES_OF: &str = "\
    SELECT * FROM absence WHERE state <> 'over' AND source IN (SELECT value FROM json_each(?1)) ORDER BY id";
pub(crate) const PILES: &str = "\
    SELECT 0 AS id, caseload, count(*) AS open, sum(due < ?1) AS overdue FROM task \
    WHERE state <> 'done' AND critical = 1 AND drill = 0 GROUP BY caseload";
pub(crate) const PILE: &str = "\
    SELECT * FROM task WHERE state <> 'done' AND critical = 1 AND drill = 0 AND caseload = ?1 \
    ORDER BY due, id LIMIT +?2";
pub(crate) const WAITING_LETTERS: &str = "\
    SELECT letter.id, letter.task, letter.rung, letter.round, letter.occasion, letter.queued, letter.attempts, letter.put_off, \
           wording.recipient, wording.name, wording.message_id, wording.subject, wording.text, \
           wording.html, letter.next_at, \
           EXISTS (SELECT 1 FROM drill WHERE drill.letter = letter.id) AS drill \
    FROM letter JOIN wording ON wording.letter = letter.id \
    WHERE letter.state = 'waiting' AND letter.next_at <= ?1 \
    ORDER BY letter.next_at, letter.id LIMIT +?2";
/// Ten thousand letters may wait; one task has a few.
pub(crate) const OVERTAKE: &str = "\
    UPDATE letter SET state = 'overtaken', next_at = NULL, settled = ?2 WHERE task = ?1 AND state = 'waiting' \
    AND id < ?3";
/// Found among the letters that wait, which are few, and not (`+id`) among all that ever were.
pub(crate) const OVERTAKE_OCCASION: &str = "\
    UPDATE letter SET state = 'overtaken', next_at = NULL, settled = ?2 WHERE occasion = ?1 AND state = 'waiting' \
    AND +id < ?3";
pub(crate) const SEEN: &str = "\
    SELECT id, fingerprint, first_task FROM message \
    WHERE fingerprint IN (SELECT unhex(value) FROM json_each(?1))";
pub(crate) const DOSSIERS: &str = "\
    SELECT dossier.id, person.key, dossier.caseload FROM person JOIN dossier ON dossier.id = person.dossier \
    WHERE person.key IN (SELECT unhex(value) FROM json_each(?1))";
pub(crate) const FILED: &str = "\
    SELECT filed.task FROM person JOIN filed ON filed.dossier = person.dossier \
    WHERE person.key IN (SELECT unhex(value) FROM json_each(?1))";
pub(crate) const KEPT: &str = "SELECT message AS id, people, raw FROM content WHERE message = ?1";
pub(crate) const TASKS_BY_ID: &str = "SELECT * FROM task WHERE id IN (SELECT value FROM json_each(?1))";
pub(crate) const HISTORY_BY_TASK: &str =
    "SELECT * FROM history WHERE task IN (SELECT value FROM json_each(?1)) ORDER BY id";
pub(crate) const OPEN_TASKS: &str = "SELECT * FROM task WHERE state <> 'done'";
pub(crate) const MESSAGE: &str = "\
    SELECT message.*, folder.mailbox, folder.folder AS folder_name, folder.epoch \
    FROM message JOIN folder ON folder.id = message.folder WHERE message.id = ?1";
pub(crate) const RECORDED: &str = "\
    SELECT message.*, folder.mailbox, folder.folder AS folder_name, folder.epoch \
    FROM message JOIN folder ON folder.id = message.folder WHERE message.id > ?1 ORDER BY message.id LIMIT +?2";
pub(crate) const LAST_IDS: &str = "\
    SELECT (SELECT max(id) FROM message), (SELECT max(id) FROM task), (SELECT max(id) FROM letter), \
           (SELECT max(id) FROM dossier), (SELECT max(id) FROM absence), \
           (SELECT max(id) FROM expectation)";
pub(crate) const READINGS: &str =
    "SELECT row_number() OVER () AS id, * FROM reading ORDER BY mailbox, folder";
/// Whole tables are counted over their narrowest index; everything else over an index of just those rows.
/// A drill is the only task of its message, and waits until it is over, so drills are taken off afterwards.
/// Messages with a task are counted from the tasks, those without from the messages: two books that must agree.
pub(crate) const BOOKS: &str = "\
    SELECT (SELECT count(*) FROM message) AS messages, \
           (SELECT count(DISTINCT message) FROM task) AS opened, \
           (SELECT count(*) FROM task WHERE drill = 1) AS drills, \
           (SELECT count(*) FROM task WHERE drill = 1 AND state = 'waiting') AS drills_open, \
           (SELECT count(*) FROM message WHERE first_task IS NULL) AS without_task, \
           (SELECT count(*) FROM place WHERE again = 1) AS duplicates, \
           (SELECT count(*) FROM place WHERE marked = 0) AS unmarked, \
           (SELECT count(*) FROM task) AS tasks, \
           (SELECT count(*) FROM task WHERE state <> 'done' AND state = 'waiting') AS waiting, \
           (SELECT count(*) FROM task WHERE state <> 'done' AND state = 'taken') AS taken, \
           (SELECT count(*) FROM task WHERE critical = 1 AND next_at IS NULL AND state <> 'done') AS unguarded, \
           (SELECT count(*) FROM letter) AS letters, \
           (SELECT count(*) FROM letter WHERE state = 'waiting') AS letters_waiting, \
           (SELECT count(*) FROM letter WHERE state = 'refused') AS letters_refused, \
           (SELECT count(*) FROM letter WHERE state = 'overtaken') AS letters_overtaken";
