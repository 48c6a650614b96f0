//! How critical notices are covered, as a table on a terminal.

use crate::cover::{Proof, in_hours};
use crate::domain::{LatestRead, PersonId};
use crate::rules::Rules;

/// The worst that can be for each type and caseload.
pub(super) fn table(proof: &Proof, rules: &Rules) -> String {
    let scope = proof.scope;
    let mut rows =
        vec![["notice", "caseload", "read after", "arrives", "read by", "while"].map(str::to_owned)];
    for cover in &proof.covers {
        for kind in &cover.types {
            let Some(worst) = cover.worst.last() else { continue };
            rows.push([
                kind.to_string(),
                cover.caseload.to_string(),
                format!("{} office hours", in_hours(worst.after)),
                rules
                    .calendar
                    .zoned(worst.arrives)
                    .strftime("%a %Y-%m-%d %H:%M")
                    .to_string(),
                worst
                    .reader
                    .as_ref()
                    .map_or("functional address", PersonId::as_str)
                    .to_owned(),
                away(worst),
            ]);
        }
    }
    format!(
        "cover from {} to {}, with {} more people away than are known to be, at worst:\n{}",
        scope.from,
        scope.until,
        scope.absent,
        aligned(&rows)
    )
}

/// Who is away besides those who are known to be.
fn away(worst: &LatestRead) -> String {
    let each = |(person, is_known): &(PersonId, bool)| {
        let how = if *is_known { "away" } else { "away unnoticed" };
        format!("{person} {how}")
    };
    worst.away.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Columns as wide as what stands in them.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
