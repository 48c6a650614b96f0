//! Letters that leave together: what is due for one reader at one time is one message.

use jiff::SignedDuration;
use koppelwacht::domain::{About, Happening, HistoryLine, Sealed, TaskId};

use crate::letter;
use crate::story::{Story, later};
use crate::support::cert::Authority;
use crate::support::smtp::MailServer;

/// A letter about the office as a whole.
fn about_the_office(number: i64, to: &str) -> Sealed {
    let mut sealed = letter(number, to);
    sealed.about = About::Office;
    "back".clone_into(&mut sealed.occasion);
    sealed.message_id = format!("letter-{number}.{number:016x}@koppelwacht.voorbeeld.example");
    sealed.words.subject = format!("[Koppelwacht] Terug van verlof {number}");
    sealed.words.text = format!("Dit lag er, {number}.\n");
    sealed
}

#[tokio::test]
async fn letters_to_one_reader_leave_as_one_message_with_what_matters_most_on_top() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let greeting = |mut letter: Sealed| {
        letter.name = Some("Sanne de Boer".to_owned());
        letter
    };
    let mut elsewhere = greeting(letter(4, "SANNE"));
    elsewhere.words.text = "Over een taak.\n".to_owned();
    // Task 17 is critical; the one about no task was decided first.
    let letters = vec![
        greeting(letter(1, "karim")),
        greeting(about_the_office(2, "sanne")),
        greeting(letter(3, "sanne")),
        elsewhere,
    ];
    let story = Story::begin(server.with_starttls(), letters).await;
    let alone = server.taken().await;
    let several = server.taken().await;
    story.until(|books| books.letters_sent == 4).await;
    story.end().await;
    assert_eq!(server.so_far().await.0, [], "two messages hold all letters");

    assert_eq!(alone.header("Subject"), "[Koppelwacht #17] Nieuwe koppeling");
    assert_eq!(alone.header("X-Koppelwacht"), "new_task");
    let secret = "@koppelwacht.voorbeeld.example>";
    assert_eq!(
        alone.header("Message-ID"),
        format!("<task-17.0000000000000001{secret}")
    );
    assert_eq!(
        several.header("Subject"),
        "[Koppelwacht] 3 onderwerpen: Nieuwe koppeling"
    );
    assert_eq!(several.header("X-Koppelwacht"), "several");
    assert_eq!(
        several.header("Message-ID"),
        format!("<letter-3.0000000000000003{secret}")
    );
    let (text, _) = several.content.split_once("text/html").unwrap();
    let at = |words: &str| {
        assert_eq!(text.matches(words).count(), 1, "{words} in {text}");
        text.find(words)
    };
    assert!(at("dinsdag.") < at("Over een taak.") && at("Over een taak.") < at("Dit lag er, 2."));
    at("Beste Sanne de Boer,");
}

#[tokio::test]
async fn a_message_that_is_refused_is_refused_for_each_letter_in_it() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let letters = vec![
        letter(1, "code550"),
        letter(2, "code550"),
        about_the_office(3, "code550"),
    ];
    let story = Story::begin(server.with_starttls(), letters).await;
    story.until(|books| books.letters_refused == 3).await;
    let history = story.desk.task(TaskId(17)).await.unwrap().history;
    let refused = |line: &&HistoryLine| matches!(line.what, Happening::LetterRefused { .. });
    assert_eq!(history.iter().filter(refused).count(), 2, "{history:?}");
    story.end().await;
}

#[tokio::test]
async fn people_who_share_an_address_are_greeted_without_a_name() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let mut named = letter(1, "team");
    named.name = Some("Sanne de Boer".to_owned());
    let story = Story::begin(server.with_starttls(), vec![named, letter(2, "team")]).await;
    let taken = server.taken().await;
    assert!(taken.content.contains("Beste collega,"), "{}", taken.content);
    story.until(|books| books.letters_sent == 2).await;
    story.end().await;
}

#[tokio::test]
async fn a_message_holds_fifty_letters_at_most() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let hour = SignedDuration::from_hours(1);
    let mut letters = vec![letter(1, "karim")];
    letters.extend((2..=121).map(|number| later(number, "sanne", hour)));
    let due = letters[1].not_before;
    let mut story = Story::begin(server.with_starttls(), letters).await;
    story.until(|books| books.letters_sent == 1).await;
    story.stop.cancel();
    (&mut story.outbox).await.unwrap().unwrap();

    story.clock.move_to(due);
    let parcels = story.desk.claim_letters(1000).await.unwrap();
    let held: Vec<usize> = parcels.iter().map(|parcel| parcel.letters.len()).collect();
    assert_eq!(held, [50, 50, 20]);
    let ids = parcels
        .iter()
        .flat_map(|parcel| &parcel.letters)
        .map(|letter| letter.id.0);
    assert!(ids.eq(2..=121), "each letter is in one of them");
}
