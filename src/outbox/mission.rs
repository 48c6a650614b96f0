//! The letters of one claim on their way, over one connection as long as it holds.

use tokio_util::sync::CancellationToken;

use super::message::Sender;
use super::smtp::{self, Attempt, Session, busy};
use super::trouble::Trouble;
use super::{Round, deferred};
use crate::domain::{Delivery, Parcel};
use crate::settings::Server;

/// What a letter waits for when the time for a claim ran out.
const TOO_SLOW: &str = "too slow";

/// The letters of one claim on their way.
pub(super) struct Mission<'a> {
    server: &'a Server,
    sender: &'a Sender,
    hello: &'a str,
    deliveries: Vec<Delivery>,
    /// Letters that were refused for their own sake or for ours, which could not be told: where they stand, and the code.
    doubts: Vec<(usize, String)>,
    /// What was said of us then.
    unsure: Option<Trouble>,
    /// What became of letters that it did not come to.
    others: Delivery,
    trouble: Option<Trouble>,
}

impl<'a> Mission<'a> {
    pub(super) fn new(server: &'a Server, sender: &'a Sender, hello: &'a str) -> Self {
        Self {
            server,
            sender,
            hello,
            deliveries: Vec::new(),
            doubts: Vec::new(),
            unsure: None,
            others: Delivery::NotTried,
            trouble: None,
        }
    }

    /// Tries each letter until one shows that no other can leave either, or two in a row break the connection. That may
    /// be the server or the two: the others are not judged by it, so that they are first when it is tried again.
    pub(super) async fn send_all(&mut self, batch: &[Parcel], stop: &CancellationToken) {
        let mut session = None;
        let mut lost_before = false;
        for letter in batch {
            if stop.is_cancelled() || self.trouble.is_some() {
                break;
            }
            match self.attempt(&mut session, letter).await {
                Attempt::Settled(delivery) => {
                    self.deliveries.push(delivery);
                    lost_before = false;
                }
                Attempt::Lost(delivery) => {
                    session = None;
                    if lost_before {
                        self.trouble = Some(busy(self.server, "the connection broke off".to_owned()));
                    }
                    self.deliveries.push(delivery);
                    lost_before = true;
                }
                Attempt::Doubtful(code) => {
                    // Servers may allow an account one connection only.
                    if let Some(open) = session.take() {
                        open.leave().await;
                    }
                    self.ask(code).await;
                    lost_before = false;
                }
                Attempt::TurnedAway(trouble) => self.end(trouble),
            }
        }
        if let Some(session) = session {
            session.leave().await;
        }
    }

    /// Asks whether a letter was refused with this code for our sake. Where our address only sends, a letter to it tells
    /// nothing: the letters behind it tell.
    async fn ask(&mut self, code: String) {
        let delivery = match smtp::probe(self.server, self.sender, self.hello).await {
            Ok(()) => Delivery::Refused { code },
            Err(Trouble::Ourselves { server, code: ours }) => {
                let at = self.deliveries.len();
                if self.doubts.last().is_some_and(|(before, _)| before + 1 == at) {
                    return self.end(Trouble::Sender { server, code: ours });
                }
                self.doubts.push((at, code));
                let unsure = Trouble::Ourselves { server, code: ours };
                let delivery = deferred(unsure.word());
                self.unsure = Some(unsure);
                delivery
            }
            // It could not be asked now, which says nothing of the others.
            Err(trouble) if trouble.retry_helps() => deferred(trouble.word()),
            Err(trouble) => return self.end(trouble),
        };
        self.deliveries.push(delivery);
    }

    /// No other letter can leave either.
    fn end(&mut self, trouble: Trouble) {
        self.others = deferred(trouble.word());
        self.trouble = Some(trouble);
    }

    /// What became of `count` letters, those included that it did not come to. A letter that was taken after a doubtful one
    /// shows that what was said of that is not about us; one that was taken before shows nothing, since we may be blocked
    /// since then. Without such a letter the doubtful one waits, and somebody hears of it.
    pub(super) fn round(mut self, count: usize, out_of_time: bool) -> Round {
        let taken = self
            .deliveries
            .iter()
            .rposition(|delivery| *delivery == Delivery::Accepted);
        let (refused, unsure): (Vec<_>, Vec<_>) = self
            .doubts
            .into_iter()
            .partition(|(at, _)| self.trouble.is_none() && taken.is_some_and(|taken| taken > *at));
        for (at, code) in refused {
            self.deliveries[at] = Delivery::Refused { code };
        }
        self.trouble = self.trouble.or(self.unsure.filter(|_| !unsure.is_empty()));
        if out_of_time && self.deliveries.len() < count {
            // The one at hand may be what takes so long.
            self.deliveries.push(deferred(TOO_SLOW.to_owned()));
            self.trouble
                .get_or_insert_with(|| busy(self.server, TOO_SLOW.to_owned()));
        }
        self.deliveries.resize(count, self.others);
        Round {
            deliveries: self.deliveries,
            trouble: self.trouble,
        }
    }

    /// Sends a letter. A connection that took letters before may have taken its last: being turned away on it says
    /// nothing until a new one was tried.
    async fn attempt(&self, session: &mut Option<Session>, letter: &Parcel) -> Attempt {
        let (to, message) = match self.sender.write(letter) {
            Ok(written) => written,
            Err(unwritable) => {
                return Attempt::Settled(Delivery::Refused {
                    code: unwritable.code(),
                });
            }
        };
        loop {
            let used = session.is_some();
            let mut open = match session.take() {
                Some(open) => open,
                None => match Session::open(self.server, self.hello).await {
                    Ok(open) => open,
                    Err(trouble) => return Attempt::TurnedAway(trouble),
                },
            };
            match open.send(self.server, self.sender.address(), &to, &message).await {
                Attempt::TurnedAway(_) if used => {}
                goes_on @ (Attempt::Settled(_) | Attempt::Doubtful(_)) => {
                    *session = Some(open);
                    return goes_on;
                }
                ended => return ended,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Identity, Tls};

    #[test]
    fn letters_that_time_ran_out_for_wait_and_the_one_that_left_does_not() {
        let server = Server {
            host: "mx.example".to_owned(),
            port: 587,
            tls: Tls::StartTls,
            ca_file: None,
            account: None,
        };
        let identity = Identity {
            municipality: "Voorbeeld".to_owned(),
            address: "koppelwacht@voorbeeld.example".to_owned(),
            domains: Vec::new(),
            authserv_id: String::new(),
            letter_domain: "voorbeeld.example".to_owned(),
            admin: None,
        };
        let sender = Sender::new(&identity).unwrap();
        let mut mission = Mission::new(&server, &sender, "voorbeeld.example");
        mission.deliveries.push(Delivery::Accepted);
        let round = mission.round(3, true);
        let at_hand = deferred("too slow".to_owned());
        assert_eq!(
            round.deliveries,
            [Delivery::Accepted, at_hand, Delivery::NotTried]
        );
        assert!(round.trouble.is_some_and(|trouble| trouble.retry_helps()));
    }
}
