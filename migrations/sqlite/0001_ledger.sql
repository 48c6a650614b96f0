-- The ledger. Moments are microseconds since 1970-01-01T00:00:00Z, names are as written in the rules files.
-- Nothing is ever deleted: numbers are MAX(id) + 1 and do not come back.

-- A folder of a watched mailbox in one numbering of its messages (IMAP: UIDVALIDITY).
CREATE TABLE folder (
    id      INTEGER PRIMARY KEY,
    mailbox TEXT    NOT NULL,
    folder  TEXT    NOT NULL,
    epoch   INTEGER NOT NULL,
    UNIQUE (mailbox, folder, epoch)
) STRICT;

CREATE TABLE message (
    id             INTEGER PRIMARY KEY,
    folder         INTEGER NOT NULL REFERENCES folder (id), -- where it was found first
    item           TEXT    NOT NULL,
    fingerprint    BLOB    NOT NULL UNIQUE CHECK (length(fingerprint) = 32),
    message_id     TEXT,
    sender_domain  TEXT    NOT NULL,
    sender_verdict TEXT    NOT NULL,
    received       INTEGER NOT NULL,
    recorded       INTEGER NOT NULL,
    kinds          TEXT    NOT NULL CHECK (json_valid(kinds)), -- an array of types
    rule           TEXT    NOT NULL,
    rules          TEXT    NOT NULL,
    first_task     INTEGER REFERENCES task (id)
) STRICT;

-- Which key seals the content below. One row: a ledger is of one installation.
CREATE TABLE sealed_by (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB    NOT NULL CHECK (length(key) = 8)
) STRICT;

-- What is kept of a message, sealed: without the key it tells nothing.
CREATE TABLE content (
    message    INTEGER PRIMARY KEY REFERENCES message (id),
    people     BLOB NOT NULL, -- the numbers of the people it is about; empty when there are none
    raw        BLOB NOT NULL  -- the message as it arrived; empty when it could not be kept
) STRICT;

CREATE INDEX message_without_task ON message (first_task) WHERE first_task IS NULL;

CREATE TABLE task (
    id       INTEGER PRIMARY KEY,
    -- Deferred, because a task is written before its message, whose first_task points back at it.
    -- None: it came of no mail, but of the time.
    message  INTEGER REFERENCES message (id) DEFERRABLE INITIALLY DEFERRED,
    expectation INTEGER REFERENCES expectation (id),        -- it came of what was expected
    silence  TEXT,                                          -- it came of the silence of this partner
    kind     TEXT    NOT NULL,
    title    TEXT    NOT NULL,
    critical INTEGER NOT NULL CHECK (critical IN (0, 1)),
    drill    INTEGER NOT NULL CHECK (drill IN (0, 1)),
    caseload TEXT    NOT NULL,
    assignee TEXT,
    received INTEGER NOT NULL,
    opened   INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    rules    TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    next_at  INTEGER,                                       -- when it wants attention again
    rung     INTEGER CHECK (rung BETWEEN 0 AND 65535),      -- waiting
    round    INTEGER CHECK (round BETWEEN 0 AND 4294967295),-- waiting
    person   TEXT,                                          -- waiting: who was told; taken, done: by whom
    since    INTEGER,                                       -- taken: since when; done: when
    CONSTRAINT a_state_has_its_own_facts CHECK (
        CASE state
            WHEN 'waiting' THEN rung IS NOT NULL AND round IS NOT NULL AND since IS NULL
            WHEN 'taken' THEN rung IS NULL AND round IS NULL AND person IS NOT NULL AND since IS NOT NULL
            -- Only a drill, and what waits for something to come, can end without anybody.
            WHEN 'done' THEN rung IS NULL AND round IS NULL AND since IS NOT NULL AND next_at IS NULL
                             AND (person IS NOT NULL OR drill = 1 OR expectation IS NOT NULL OR silence IS NOT NULL)
            ELSE 0
        END
    ),
    CONSTRAINT a_silence_came_of_no_mail CHECK (silence IS NULL OR (message IS NULL AND expectation IS NULL)),
    -- A koppeling always has a next moment.
    CONSTRAINT an_open_critical_task_has_a_next_moment CHECK (
        state = 'done' OR critical = 0 OR next_at IS NOT NULL
    )
) STRICT;

CREATE INDEX task_by_next_moment ON task (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX task_by_due ON task (due);
CREATE INDEX task_open_by_due ON task (due, id, state) WHERE state <> 'done';
CREATE INDEX task_by_message ON task (message);
-- Whoever has it now: for when they go away.
CREATE INDEX task_open_by_person ON task (person) WHERE state <> 'done' AND person IS NOT NULL;
-- What came of the time alone: is the last task of a chore done?
CREATE INDEX task_open_chore ON task (message, kind)
    WHERE state <> 'done' AND message IS NULL AND expectation IS NULL AND silence IS NULL;
-- For the overview of what must not stay behind. It holds all that is counted, so that tasks are not looked up for it.
CREATE INDEX task_open_critical ON task (caseload, due, id, state, critical, drill)
    WHERE state <> 'done' AND critical = 1 AND drill = 0;
-- Few, and taken off everything that is counted.
CREATE INDEX task_drill ON task (drill, state) WHERE drill = 1;
-- What was asked about the silence of partners: few, ever.
CREATE INDEX task_of_silence ON task (silence, state) WHERE silence IS NOT NULL;
-- Empty for ever: the constraint above sees to that, and this proves it in no time.
CREATE INDEX task_unguarded ON task (critical, next_at, state)
    WHERE critical = 1 AND next_at IS NULL AND state <> 'done';

-- Every place in which a message was found.
CREATE TABLE place (
    folder  INTEGER NOT NULL REFERENCES folder (id),
    item    TEXT    NOT NULL,
    message INTEGER NOT NULL REFERENCES message (id),
    entered INTEGER NOT NULL,
    again   INTEGER NOT NULL CHECK (again IN (0, 1)),       -- the message was known already
    marked  INTEGER NOT NULL CHECK (marked IN (0, 1)),      -- and the mailbox shows it
    PRIMARY KEY (folder, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX place_unmarked ON place (folder, item) WHERE marked = 0;
CREATE INDEX place_again ON place (folder, item) WHERE again = 1;

-- What came from partners, day by day.
CREATE TABLE partner_day (
    day          INTEGER NOT NULL,                          -- in days since 1970-01-01
    source       TEXT    NOT NULL,
    mails        INTEGER NOT NULL CHECK (mails BETWEEN 1 AND 4294967295),
    unrecognised INTEGER NOT NULL CHECK (unrecognised BETWEEN 0 AND mails),
    last         INTEGER NOT NULL,                          -- when the last of them was received
    PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;

-- When it was last told of a partner that what it sends is not recognised.
CREATE TABLE drift (
    source TEXT    PRIMARY KEY,
    told   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Everything about one person.
CREATE TABLE dossier (
    id       INTEGER PRIMARY KEY,
    caseload TEXT,                                          -- where it goes, once a notice told
    joined   INTEGER REFERENCES dossier (id)                -- turned out to be of the same person as this one
) STRICT;

-- Keyed hashes of V-nummers and burgerservicenummers, and the dossiers that they lead to.
CREATE TABLE person (
    key     BLOB    PRIMARY KEY CHECK (length(key) = 16),
    dossier INTEGER NOT NULL REFERENCES dossier (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_by_dossier ON person (dossier);

CREATE TABLE filed (
    dossier INTEGER NOT NULL REFERENCES dossier (id),
    task    INTEGER NOT NULL REFERENCES task (id),
    PRIMARY KEY (dossier, task)
) STRICT, WITHOUT ROWID;

CREATE INDEX filed_by_task ON filed (task);

-- What should come, or must be done, and by when.
CREATE TABLE expectation (
    id       INTEGER PRIMARY KEY,
    rule     TEXT    NOT NULL,
    dossier  INTEGER REFERENCES dossier (id),               -- of whom; none: of nobody that is known
    monday   INTEGER,                                       -- then: of this week, in days since 1970-01-01
    wanted   INTEGER CHECK (wanted BETWEEN 0 AND 4294967295), -- and how many are to come,
    came     INTEGER CHECK (came BETWEEN 0 AND 4294967295), -- of which so many came,
    excused  INTEGER CHECK (excused BETWEEN 0 AND 4294967295), -- and so many need not any more
    caseload TEXT    NOT NULL,
    -- Not deferred, like `task` below: while any row is, each new row of a table looks for all that wait for it.
    message  INTEGER REFERENCES message (id),
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN ('open', 'asked', 'handled', 'met', 'cancelled')),
    next_at  INTEGER,                                       -- open: when somebody is asked
    task     INTEGER REFERENCES task (id),                  -- asked: by this task; handled: with this task
    settled  INTEGER,                                       -- handled, met, cancelled: when
    CONSTRAINT it_is_of_a_person_or_counted CHECK (
        (dossier IS NULL) = (monday IS NOT NULL) AND (monday IS NULL) = (wanted IS NULL)
        AND (monday IS NULL) = (came IS NULL) AND (monday IS NULL) = (excused IS NULL)
    ),
    CONSTRAINT a_state_has_its_own_facts CHECK (
        (state = 'open') = (next_at IS NOT NULL) AND (state IN ('asked', 'handled')) = (task IS NOT NULL)
        AND (state IN ('handled', 'met', 'cancelled')) = (settled IS NOT NULL)
    )
) STRICT;

CREATE INDEX expectation_by_next_moment ON expectation (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX expectation_of_dossier ON expectation (dossier) WHERE dossier IS NOT NULL;
CREATE INDEX expectation_of_week ON expectation (monday) WHERE monday IS NOT NULL;

-- What colleagues told, with a task.
CREATE TABLE reported (
    task  INTEGER NOT NULL REFERENCES task (id),
    event TEXT    NOT NULL,
    day   INTEGER NOT NULL,                                 -- in days since 1970-01-01
    at    INTEGER NOT NULL,                                 -- the instant at which that day starts
    told  INTEGER NOT NULL,
    taken_back INTEGER,                                     -- since when it does not count any more; none: it counts
    PRIMARY KEY (task, event, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id     INTEGER PRIMARY KEY,                             -- in the order in which it happened
    task   INTEGER NOT NULL REFERENCES task (id),
    at     INTEGER NOT NULL,
    person TEXT,
    what   TEXT    NOT NULL CHECK (json_valid(what))
) STRICT;

CREATE INDEX history_of_task ON history (task);

CREATE TABLE letter (
    id       INTEGER PRIMARY KEY,
    task     INTEGER REFERENCES task (id),                  -- none: it is about the office as a whole, or a drill
    rung     INTEGER CHECK (rung BETWEEN 0 AND 65535),      -- which call of the ladder it carries
    round    INTEGER CHECK (round BETWEEN 0 AND 4294967295),
    occasion TEXT    NOT NULL,
    queued   INTEGER NOT NULL,
    leaves   INTEGER NOT NULL,                              -- before this it does not leave: letters are gathered
    state    TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'overtaken')),
    attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 4294967295),
    next_at  INTEGER,                                       -- when it may be tried; whoever claims it moves this on
    settled  INTEGER,
    reason   TEXT,                                          -- of the last failure
    put_off  INTEGER,                                       -- since when it is put off for its recipient's sake
    together INTEGER REFERENCES letter (id),                -- sent: the first letter of the message that it shared
    CONSTRAINT a_call_is_about_a_task CHECK ((task IS NULL) = (rung IS NULL) AND (task IS NULL) = (round IS NULL)),
    CONSTRAINT a_letter_waits_for_a_moment_or_is_settled CHECK (
        (state = 'waiting') = (next_at IS NOT NULL) AND (state = 'waiting') = (settled IS NULL)
    ),
    CONSTRAINT a_message_that_was_shared_left CHECK (together IS NULL OR state = 'sent')
) STRICT;

CREATE INDEX letter_waiting ON letter (next_at) WHERE state = 'waiting';
CREATE INDEX letter_waiting_since ON letter (leaves) WHERE state = 'waiting';
CREATE INDEX letter_by_task ON letter (task) WHERE task IS NOT NULL;
CREATE INDEX letter_together ON letter (together) WHERE together IS NOT NULL;
CREATE INDEX letter_refused ON letter (settled) WHERE state = 'refused';
CREATE INDEX letter_overtaken ON letter (id) WHERE state = 'overtaken';

-- What is sent: apart from the letter, so that counting and settling letters does not move their words about.
CREATE TABLE wording (
    letter     INTEGER PRIMARY KEY REFERENCES letter (id),
    recipient  TEXT NOT NULL,
    name       TEXT,                                        -- whom it greets
    message_id TEXT NOT NULL,
    subject    TEXT NOT NULL,
    text       TEXT NOT NULL,
    html       TEXT NOT NULL
) STRICT;

-- A drill is known by the letter that is its mail.
CREATE TABLE drill (
    letter  INTEGER PRIMARY KEY REFERENCES letter (id),
    state   TEXT    NOT NULL,
    next_at INTEGER,                                        -- waiting, underway: when its mail must have come in
    task    INTEGER UNIQUE REFERENCES task (id),            -- arrived: the task that it opened
    lost    INTEGER,                                        -- lost: when that was known
    how     TEXT CHECK (how IN ('unsent', 'returned', 'missing')), -- lost: what became of its mail
    CONSTRAINT a_state_has_its_own_facts CHECK (
        CASE state
            WHEN 'waiting' THEN next_at IS NOT NULL AND task IS NULL AND lost IS NULL AND how IS NULL
            WHEN 'underway' THEN next_at IS NOT NULL AND task IS NULL AND lost IS NULL AND how IS NULL
            WHEN 'arrived' THEN next_at IS NULL AND task IS NOT NULL AND lost IS NULL AND how IS NULL
            WHEN 'lost' THEN next_at IS NULL AND task IS NULL AND lost IS NOT NULL AND how IS NOT NULL
            ELSE 0
        END
    )
) STRICT;

CREATE INDEX drill_by_next_moment ON drill (next_at) WHERE next_at IS NOT NULL;

-- When somebody is not there, and how that is known.
CREATE TABLE absence (
    id      INTEGER PRIMARY KEY,
    person  TEXT    NOT NULL,
    starts  INTEGER NOT NULL,
    ends    INTEGER,                                        -- the first moment after it; none: nobody knows
    source  TEXT    NOT NULL,                               -- which of the four, for finding all of one
    origin  TEXT    NOT NULL CHECK (json_valid(origin)),    -- the same with who said so
    noted   INTEGER NOT NULL,
    state   TEXT    NOT NULL CHECK (state IN ('ahead', 'running', 'longer', 'over')),
    handed  TEXT    NOT NULL CHECK (json_valid(handed)),    -- an array of tasks
    next_at INTEGER,                                        -- when it starts, ends, or is looked at again
    CONSTRAINT an_absence_ahead_starts CHECK ((state = 'ahead') <= (next_at IS NOT NULL)),
    CONSTRAINT an_absence_that_is_over_has_no_moment CHECK ((state = 'over') <= (next_at IS NULL))
) STRICT;

CREATE INDEX absence_by_next_moment ON absence (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX absence_by_start ON absence (starts) WHERE state <> 'over';
CREATE INDEX absence_by_source ON absence (source) WHERE state <> 'over';

-- What comes again and again.
CREATE TABLE routine (
    name    TEXT PRIMARY KEY,
    next_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the last proof of cover found: one row. Of each hole in it somebody was told.
CREATE TABLE outlook (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    at    INTEGER NOT NULL,
    holes TEXT    NOT NULL CHECK (json_valid(holes))        -- an array of weeks of caseloads
) STRICT;

-- The text of every set of rules that was ever in force: on what ground was this decided?
CREATE TABLE rules (
    version TEXT PRIMARY KEY,
    files   TEXT NOT NULL CHECK (json_valid(files))         -- pairs of name and content
) STRICT, WITHOUT ROWID;

CREATE TABLE rulebook (
    id       INTEGER PRIMARY KEY,                           -- in the order in which it happened
    at       INTEGER NOT NULL,
    version  TEXT REFERENCES rules (version),               -- in force from then on
    mistakes INTEGER CHECK (mistakes BETWEEN 0 AND 4294967295), -- or so many, and those before stayed in force
    CONSTRAINT rules_are_in_force_or_refused CHECK ((version IS NULL) <> (mistakes IS NULL))
) STRICT;

CREATE TABLE reading (
    mailbox TEXT    NOT NULL,
    folder  TEXT    NOT NULL,
    proven  INTEGER,
    backlog INTEGER NOT NULL,
    trouble TEXT,
    PRIMARY KEY (mailbox, folder)
) STRICT, WITHOUT ROWID;
