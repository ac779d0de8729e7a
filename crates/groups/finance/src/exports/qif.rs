use super::writer::{Line, Subject};
use crate::{accounts::AccountKind, journal::UNCATEGORISED};

pub(super) fn head(subject: &Subject) -> String {
    let kind = match subject.account.kind {
        AccountKind::Cash => "Cash",
        AccountKind::CreditCard => "CCard",
        AccountKind::Loan => "Oth L",
        AccountKind::Investment | AccountKind::Other => "Oth A",
        AccountKind::Checking | AccountKind::Savings => "Bank",
    };
    format!("!Type:{kind}\n")
}

pub(super) fn line(line: &Line) -> String {
    let mut text = format!(
        "D{}\nT{}\nN{}\n",
        line.date.format("%m/%d/%Y"),
        line.amount,
        line.id
    );
    if !line.description.is_empty() {
        text += &format!("P{}\n", line.description);
    }
    // A slash would begin a class, and brackets name an account.
    let told = line.category != UNCATEGORISED && !line.category.contains(['/', '[']);
    if told {
        text += &format!("L{}\n", line.category);
    }
    text + "^\n"
}
