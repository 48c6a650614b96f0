//! The rulebook, and messages that are read again.

use std::sync::Arc;

use koppelwacht::domain::{
    Batch, Kept, MessageId, Needs, RulebookEvent, RulebookLine, RulesText, RulesVersion,
};
use koppelwacht::store::Store;

use crate::Ledger;
use crate::samples::{batch, message, minute};
use crate::steps::{look, write};

fn text(version: &str) -> Arc<RulesText> {
    Arc::new(RulesText {
        version: RulesVersion::new(version),
        files: vec![("people.toml".to_owned(), format!("# één {version} \"regel\"\n"))],
    })
}

fn in_force(minutes: i64, version: &str) -> RulebookLine {
    RulebookLine {
        at: minute(minutes),
        what: RulebookEvent::InForce(RulesVersion::new(version)),
    }
}

fn refused(minutes: i64) -> RulebookLine {
    RulebookLine {
        at: minute(minutes),
        what: RulebookEvent::Refused { mistakes: 3 },
    }
}

async fn standing(store: &dyn Store) -> (Option<RulesVersion>, bool) {
    let needs = Needs {
        rulebook: true,
        ..Needs::default()
    };
    let rulebook = look(store, &needs).await.rulebook;
    (rulebook.in_force, rulebook.refused)
}

pub(crate) async fn the_rulebook_tells_what_was_in_force_when(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    assert_eq!(standing(&*store).await, (None, false));
    let lines = [in_force(1, "aa"), in_force(2, "bb"), refused(3)];
    let written = Batch {
        rules: vec![text("aa"), text("bb"), text("aa")],
        rulebook: lines.to_vec(),
        ..Batch::default()
    };
    write(&*store, &written).await.unwrap();
    let other = ledger.open().await;
    assert_eq!(other.rulebook().await.unwrap(), lines);
    assert_eq!(standing(&*other).await, (Some(RulesVersion::new("bb")), true));
    assert_eq!(
        other.rules(&RulesVersion::new("aa")).await.unwrap(),
        Some(text("aa").as_ref().clone())
    );
    assert_eq!(other.rules(&RulesVersion::new("cc")).await.unwrap(), None);
    // The first ones come back: their text is there already.
    let back = Batch {
        rules: vec![text("aa")],
        rulebook: vec![in_force(4, "aa")],
        ..Batch::default()
    };
    write(&*store, &back).await.unwrap();
    assert_eq!(standing(&*store).await, (Some(RulesVersion::new("aa")), false));
}

pub(crate) async fn messages_are_read_again_in_the_order_in_which_they_came(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let kept = Kept {
        references: Vec::new(),
        raw: vec![1, 2, 3],
    };
    let written = Batch {
        kept: vec![(MessageId(2), Arc::new(kept.clone()))],
        ..batch(1, 5)
    };
    write(&*store, &written).await.unwrap();
    let first = store.recorded(MessageId(0), 2).await.unwrap();
    assert_eq!(first, [message(1), message(2)]);
    assert_eq!(store.kept(MessageId(1)).await.unwrap(), Kept::default());
    assert_eq!(store.kept(MessageId(2)).await.unwrap(), kept);
    let rest = store.recorded(MessageId(2), 200).await.unwrap();
    let numbers: Vec<i64> = rest.iter().map(|message| message.id.0).collect();
    assert_eq!(numbers, [3, 4, 5]);
    assert_eq!(store.recorded(MessageId(5), 200).await.unwrap(), []);
}
