//! What servers say on bad days. The other end of a pipe says it word for word, since no real server does on demand;
//! what real servers say on good days is in `tests/intake_imap.rs`.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::*;

/// The other end of a connection.
struct Peer {
    lines: BufReader<DuplexStream>,
}

impl Peer {
    /// Waits for a command and answers it; `TAG` stands for the command's tag. Returns the command without it.
    async fn answer(&mut self, answer: &str) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).await.unwrap();
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        self.say(&answer.replace("TAG", tag)).await;
        command.to_owned()
    }

    async fn say(&mut self, text: &str) {
        self.lines.write_all(text.as_bytes()).await.unwrap();
    }
}

/// A conversation in which the server has said that it can do `capabilities`.
async fn talk(capabilities: &str) -> (Talk<DuplexStream>, Peer) {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let mut peer = Peer {
        lines: BufReader::new(theirs),
    };
    let ours = async {
        let session = async_imap::Client::new(ours)
            .login("user", "password")
            .await
            .map_err(|(error, _)| error);
        Talk::begin(session.unwrap()).await.unwrap()
    };
    let theirs = async {
        peer.answer("TAG OK welcome\r\n").await;
        peer.answer(&format!(
            "* CAPABILITY IMAP4rev1 {capabilities}\r\nTAG OK done\r\n"
        ))
        .await;
    };
    let (talk, ()) = tokio::join!(ours, theirs);
    (talk, peer)
}

async fn fetch_all(talk: &mut Talk<DuplexStream>, uids: &[u32]) -> Result<(Vec<Fetched>, Answer), Lost> {
    let request = talk.ask_for(uids).await?;
    let mut messages = Vec::new();
    loop {
        match talk.next_fetched(&request).await? {
            Step::Data(message) => messages.extend(message),
            Step::Done(answer) => return Ok((messages, answer)),
        }
    }
}

const ONE: &str = "* 1 FETCH (UID 7 INTERNALDATE \" 7-Jul-2026 02:44:25 +0200\" BODY[]<0> {5}\r\nhello)\r\n";

#[tokio::test]
async fn a_message_comes_with_the_moment_the_server_took_it_in() {
    let (mut talk, mut peer) = talk("").await;
    let noise = "* 3 FETCH (FLAGS (\\Seen))\r\n";
    let answer = format!("{noise}{ONE}TAG OK done\r\n");
    let (fetched, command) = tokio::join!(fetch_all(&mut talk, &[7, 8, 9, 12]), peer.answer(&answer));
    assert_eq!(
        command,
        "UID FETCH 7:9,12 (UID INTERNALDATE BODY.PEEK[]<0.33554432>)"
    );
    let message = Fetched {
        uid: 7,
        received: Some("2026-07-07T00:44:25Z".parse().unwrap()),
        bytes: b"hello".to_vec(),
    };
    assert_eq!(fetched, Ok((vec![message], Answer::Ok { read_only: false })));
}

#[tokio::test]
async fn a_fetch_that_ends_early_is_told_from_one_that_is_complete() {
    let endings = [
        (
            "TAG NO [SERVERBUG] oh\r\n",
            Ok(Answer::Refused("SERVERBUG".to_owned())),
        ),
        ("TAG BAD what\r\n", Ok(Answer::Refused("BAD".to_owned()))),
        ("* BYE shutting down\r\n", Err(Lost::Goodbye)),
    ];
    for (ending, expected) in endings {
        let (mut talk, mut peer) = talk("").await;
        let answer = format!("{ONE}{ending}");
        let (fetched, _) = tokio::join!(fetch_all(&mut talk, &[7, 8]), peer.answer(&answer));
        assert_eq!(fetched.map(|(_, answer)| answer), expected, "after {ending:?}");
    }
}

#[tokio::test]
async fn a_server_that_dies_in_a_fetch_is_lost_wherever_it_dies() {
    for said in [ONE, "* 1 FETCH (UID 7 BODY[]<0> {500}\r\nhel", ""] {
        let (mut talk, mut peer) = talk("").await;
        let dies = async {
            peer.answer(said).await;
            drop(peer);
        };
        let (fetched, ()) = tokio::join!(fetch_all(&mut talk, &[7]), dies);
        assert_eq!(fetched, Err(Lost::Closed), "after {said:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_not_repeated_in_the_error() {
    let (mut talk, mut peer) = talk("").await;
    let garbage = "* 1 FETCH (BODY[] \"BSN 123456782\" oops\r\nTAG OK done\r\n";
    let (fetched, _) = tokio::join!(fetch_all(&mut talk, &[7]), peer.answer(garbage));
    let lost = fetched.unwrap_err();
    assert_eq!(lost, Lost::Garbled);
    assert_eq!(
        Trouble::from(lost).to_string(),
        "the server sent something that cannot be understood"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_lost_after_two_minutes() {
    let (mut talk, _peer) = talk("").await;
    let began = Instant::now();
    assert_eq!(talk.run("NOOP").await, Err(Lost::Silent));
    assert_eq!(began.elapsed().as_secs(), PATIENCE.as_secs());
}

#[tokio::test(start_paused = true)]
async fn idle_returns_as_soon_as_a_message_comes() {
    let (mut talk, mut peer) = talk("IDLE").await;
    let began = Instant::now();
    let server = async {
        assert_eq!(peer.answer("+ idling\r\n").await, "IDLE");
        peer.say("* OK still here\r\n* 4 EXISTS\r\n").await;
        peer.answer("").await;
        peer.say("A0003 OK done\r\n").await;
    };
    let (waited, ()) = tokio::join!(talk.wait_for_news(Duration::from_mins(9)), server);
    assert_eq!(waited, Ok(()));
    assert!(talk.take_news());
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_do_not_make_an_idle_longer() {
    let (mut talk, mut peer) = talk("IDLE").await;
    let began = Instant::now();
    let server = async {
        peer.answer("+ idling\r\n").await;
        // Says something every minute until told DONE.
        let mut line = String::new();
        loop {
            tokio::select! {
                _ = peer.lines.read_line(&mut line) => break,
                () = tokio::time::sleep(Duration::from_mins(1)) => {}
            }
            peer.lines.write_all(b"* OK still here\r\n").await.unwrap();
        }
        assert_eq!(line, "DONE\r\n");
        peer.say("A0003 OK done\r\n").await;
    };
    let (waited, ()) = tokio::join!(talk.wait_for_news(Duration::from_mins(9)), server);
    assert_eq!(waited, Ok(()));
    assert!(!talk.take_news());
    assert_eq!(began.elapsed().as_secs(), 9 * 60);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_in_an_idle_is_lost_and_not_an_interruption() {
    for (said, expected) in [("", Lost::Closed), ("* BYE shutting down\r\n", Lost::Goodbye)] {
        let (mut talk, mut peer) = talk("IDLE").await;
        let dies = async {
            peer.answer("+ idling\r\n").await;
            peer.say(said).await;
            drop(peer);
        };
        let (waited, ()) = tokio::join!(talk.wait_for_news(Duration::from_mins(9)), dies);
        assert_eq!(waited, Err(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_noticed_at_the_end_of_an_idle() {
    let (mut talk, mut peer) = talk("IDLE").await;
    let began = Instant::now();
    let (waited, _) = tokio::join!(
        talk.wait_for_news(Duration::from_mins(9)),
        peer.answer("+ idling\r\n")
    );
    assert_eq!(waited, Err(Lost::Silent));
    assert_eq!(began.elapsed(), Duration::from_mins(9) + PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn without_idle_the_wait_is_as_long_as_was_asked_for() {
    let (mut talk, _peer) = talk("").await;
    let began = Instant::now();
    assert_eq!(talk.wait_for_news(Duration::from_secs(30)).await, Ok(()));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_the_idle_it_offered_is_not_asked_again() {
    let (mut talk, mut peer) = talk("IDLE").await;
    let (waited, _) = tokio::join!(
        talk.wait_for_news(Duration::from_secs(30)),
        peer.answer("TAG NO not today\r\n")
    );
    assert_eq!(waited, Ok(()));
    assert!(!talk.can("IDLE"));
}

#[tokio::test]
async fn more_than_a_hundred_untagged_responses_do_not_hide_a_new_message() {
    let (mut talk, mut peer) = talk("").await;
    let answer = format!("{}* 9 EXISTS\r\nTAG OK done\r\n", "* 1 EXPUNGE\r\n".repeat(200));
    let (ran, _) = tokio::join!(talk.run("NOOP"), peer.answer(&answer));
    assert_eq!(ran, Ok(Answer::Ok { read_only: false }));
    assert!(talk.take_news());
}
