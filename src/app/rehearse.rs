//! Running the tests that admins write beside their rules: each mail is read, classified and planned as it would be if
//! it arrived, and what differs is a finding at the line that expected something else.
//!
//! Nothing is written and nothing is sent. The dossiers of persons play no part: a test says what the rules do, not
//! what the ledger remembers.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Installation;
use crate::decide::{Plan, classify, plan};
use crate::domain::TypeId;
use crate::findings::{Finding, Findings, Located};
use crate::mail;
use crate::rules::Rehearsal;

impl Installation {
    /// Runs the tests beside the rules and says how many there are. A test that fails becomes a finding.
    pub fn rehearse(&self, findings: &mut Findings) -> usize {
        let tests = self.office.rules.tests(self.settings.rules.as_deref(), findings);
        for test in &tests {
            self.rehearse_one(test, findings);
        }
        tests.len()
    }

    fn rehearse_one(&self, test: &Rehearsal, findings: &mut Findings) {
        let rules = &self.office.rules;
        let mail = mail::read(&test.bytes, &self.office.trust);
        let classification = classify(rules, &mail);
        let got: Vec<&TypeId> = classification.signals.iter().map(|signal| &signal.kind).collect();
        if !got.iter().copied().eq(&test.types.value) {
            findings.push(differs(
                &test.types,
                "type",
                &listed(test.types.value.iter().map(TypeId::as_str)),
                &listed(got.into_iter().map(TypeId::as_str)),
                &classification.why,
            ));
            // Due date and caseload follow from the type: a second complaint would be about the same thing.
            return;
        }
        let plans = plan(rules, &mail, &classification, self.moment(test.received), &|_| {
            None
        });
        if let Some(expected) = &test.caseload {
            let goes_elsewhere = |plan: &&Plan<'_>| plan.route.caseload != expected.value;
            if let Some((got, why)) =
                elsewhere(&plans, goes_elsewhere, |plan| plan.route.caseload.to_string())
            {
                findings.push(differs(expected, "caseload", expected.value.as_str(), &got, &why));
            }
        }
        if let Some(expected) = &test.due {
            let wanted = self.moment(expected.value);
            let due_then = |plan: &&Plan<'_>| plan.due.at != wanted;
            if let Some((got, why)) = elsewhere(&plans, due_then, |plan| self.civil(plan.due.at)) {
                let wanted = self.civil(wanted);
                findings.push(differs(expected, "due date", &wanted, &got, &why));
            }
        }
    }

    /// A day and time in the zone of the calendar, as an instant.
    fn moment(&self, civil: DateTime) -> Timestamp {
        self.office.rules.calendar.at(civil.date(), civil.time())
    }

    fn civil(&self, at: Timestamp) -> String {
        let zoned = self.office.rules.calendar.zoned(at);
        zoned.strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// What the first task is that is not as expected, and why; no task at all is not as expected either.
fn elsewhere<'p>(
    plans: &'p [Plan<'p>],
    wrong: impl Fn(&&Plan<'_>) -> bool,
    show: impl Fn(&Plan<'_>) -> String,
) -> Option<(String, Vec<String>)> {
    if plans.is_empty() {
        return Some(("no task".to_owned(), vec!["its type opens no task".to_owned()]));
    }
    let plan = plans.iter().find(wrong)?;
    Some((show(plan), plan.why.clone()))
}

fn differs<T>(expected: &Located<T>, what: &str, wanted: &str, got: &str, why: &[String]) -> Finding {
    Finding::error(
        &expected.spot,
        format!("this test fails: another {what}\n  expected  {wanted}\n  got       {got}"),
    )
    .help(format!(
        "correct the rules or the test; it became this because\n- {}",
        why.join("\n- ")
    ))
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
