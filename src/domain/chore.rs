//! Chores: what a municipality does again and again, whether or not a mail asks for it.

use super::{CaseloadId, ChoreId, Recurrence};

/// Something that is to be done again and again, such as the delivery to CBS after each quarter. What it is called, what
/// to do, within which time and on which ladder stand with its type, [`TypeId::chore`](super::TypeId::chore).
///
/// It is never critical. That is a promise about notices, whose readers are proved to be there at any minute at which a
/// mail can come in; a chore comes at moments that are known years ahead, and its ladder is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chore {
    /// Its name in the rules.
    pub id: ChoreId,
    /// When it comes; on a day that does not count, on the next working day.
    pub at: Recurrence,
    /// Where its tasks go: there is no mail to route by.
    pub caseload: CaseloadId,
}
