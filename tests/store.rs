//! The ledger: what every database must keep of the port's promises, and what is particular to one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "store/absences.rs"]
mod absences;
#[path = "store/chores.rs"]
mod chores;
#[path = "store/dossiers.rs"]
mod dossiers;
#[path = "store/drills.rs"]
mod drills;
#[path = "store/expectations.rs"]
mod expectations;
#[path = "store/letters.rs"]
mod letters;
#[path = "store/mailbox.rs"]
mod mailbox;
#[path = "store/partners.rs"]
mod partners;
#[path = "store/rulebook.rs"]
mod rulebook;
#[path = "store/samples.rs"]
mod samples;
#[path = "store/sqlite.rs"]
mod sqlite;
#[path = "store/steps.rs"]
mod steps;
#[path = "store/tasks.rs"]
mod tasks;
#[path = "store/transactions.rs"]
mod transactions;

use std::sync::Arc;

use async_trait::async_trait;
use koppelwacht::store::Store;

/// A ledger that several processes can open. Empty at first.
#[async_trait]
trait Ledger: Send + Sync {
    /// Opens it once more, as another process would.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Runs every story over every database.
macro_rules! stories {
    ($($chapter:ident: $($story:ident)*;)*) => {
        mod on_sqlite {
            $($(
                #[tokio::test]
                async fn $story() {
                    crate::$chapter::$story(&crate::sqlite::TemporaryFile::new()).await;
                }
            )*)*
        }
    };
}

stories! {
    transactions:
        what_is_committed_is_read_back_by_another_process
        a_transaction_that_is_dropped_leaves_nothing
        a_call_that_is_dropped_halfway_spoils_its_transaction
        a_begin_or_commit_that_is_dropped_blocks_nobody
        an_empty_ledger_answers_everything
        an_empty_batch_is_no_batch
        writers_of_two_processes_take_turns_and_never_share_a_number
        who_reads_does_not_wait_for_who_writes
        a_thousand_messages_go_in_at_once
        a_batch_about_something_unknown_is_unwritable
        a_message_is_not_recorded_twice;
    tasks:
        every_state_of_a_task_comes_back_as_it_was
        everything_that_can_happen_comes_back_in_order
        a_task_that_moved_keeps_nothing_of_what_it_was
        with_a_task_comes_the_one_by_which_an_answer_about_it_is_read
        due_tasks_come_in_order_and_not_more_than_asked_for
        what_a_clock_that_was_ahead_put_off_is_found
        an_open_critical_task_without_a_next_moment_is_refused
        tasks_are_listed_by_caseload_person_and_due_date;
    mailbox:
        a_place_that_is_entered_again_changes_nothing
        a_folder_that_was_renumbered_is_another_folder
        items_stay_unmarked_until_they_are_marked
        a_proof_of_reading_stands_until_there_is_a_newer_one
        the_books_add_up;
    letters:
        a_claimed_letter_is_nobody_elses_until_the_claim_runs_out
        a_letter_is_tried_until_it_is_settled_and_then_never_again
        since_when_a_letter_is_put_off_for_its_recipients_sake_is_kept
        letters_that_rest_are_known_and_may_leave_earlier
        the_letter_that_waits_longest_and_the_last_refused_one_are_known
        letters_about_a_task_that_somebody_acted_on_are_taken_back
        what_is_told_of_refused_rules_is_taken_back_and_no_other_letter
        a_message_with_several_letters_is_found_with_each_task_in_it
        a_letter_about_the_office_is_sent_as_any_other;
    dossiers:
        a_dossier_is_found_by_every_number_of_its_person
        two_dossiers_of_one_person_become_one
        what_is_kept_of_a_message_comes_back_as_it_was
        a_ledger_is_of_one_key_for_ever;
    absences:
        every_absence_comes_back_as_it_was_and_goes_on
        moments_of_absences_come_before_those_of_tasks
        a_proof_of_cover_has_its_own_moment_and_the_last_one_is_kept
        what_somebody_has_is_found_with_its_history
        a_letter_is_found_by_its_name_and_only_with_its_token
        open_critical_tasks_are_counted_and_listed_by_caseload;
    drills:
        a_drill_comes_back_as_it_was_and_tells_how_it_went
        a_drill_is_found_by_the_message_id_of_its_mail_and_by_no_other
        drills_are_counted_and_listed_apart
        only_a_drill_ends_without_anybody;
    expectations:
        every_state_of_what_is_expected_comes_back_as_it_was
        what_is_expected_is_found_by_its_moment_its_task_and_its_week
        what_colleagues_told_is_a_part_of_the_life_of_a_dossier
        what_is_taken_back_does_not_count_until_it_is_told_again
        two_lives_of_one_person_become_one
        what_begins_in_a_dossier_is_in_the_one_that_it_becomes_part_of_in_the_same_batch
        what_cannot_be_expected_is_refused;
    chores:
        when_a_chore_comes_next_is_kept_under_its_name
        the_open_task_of_a_chore_is_found_by_the_chore_and_counted_with_the_others
        what_is_open_beside_a_task_of_the_same_chore_or_silence_is_found;
    partners:
        what_comes_from_partners_adds_up_by_day
        the_last_task_about_each_silence_is_found_and_whether_it_is_open
        a_look_at_partners_knows_how_far_the_mailboxes_were_read;
    rulebook:
        the_rulebook_tells_what_was_in_force_when
        messages_are_read_again_in_the_order_in_which_they_came;
}
