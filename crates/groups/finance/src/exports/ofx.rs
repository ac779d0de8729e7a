use super::writer::{Line, Subject};
use crate::accounts::AccountKind;
use chrono::NaiveDate;

/// The longest `NAME`.
const NAME: usize = 32;

pub(super) fn head(subject: &Subject) -> String {
    let account = &subject.account;
    let today = day(subject.today);
    let from = subject.days.0.map_or_else(|| "19000101".to_owned(), day);
    let to = subject.days.1.map_or_else(|| today.clone(), day);
    let currency = account.currency;
    // OFX has room for 22 characters of an account's number.
    let mut number = account.id.simple().to_string();
    number.truncate(22);
    let (message, statement, place) = match is_card(subject) {
        true => (
            "CREDITCARDMSGSRSV1",
            "CCSTMT",
            format!("<CCACCTFROM><ACCTID>{number}</ACCTID></CCACCTFROM>"),
        ),
        false => (
            "BANKMSGSRSV1",
            "STMT",
            format!(
                "<BANKACCTFROM><BANKID>WEALTHOS</BANKID><ACCTID>{number}</ACCTID><ACCTTYPE>{}</ACCTTYPE></BANKACCTFROM>",
                match account.kind {
                    AccountKind::Savings => "SAVINGS",
                    AccountKind::Loan => "CREDITLINE",
                    _ => "CHECKING",
                }
            ),
        ),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
         <?OFX OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" NEWFILEUID=\"NONE\"?>\n\
         <OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>\
         <DTSERVER>{today}</DTSERVER><LANGUAGE>ENG</LANGUAGE></SONRS></SIGNONMSGSRSV1>\n\
         <{message}><{statement}TRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>\n\
         <{statement}RS><CURDEF>{currency}</CURDEF>{place}\n\
         <BANKTRANLIST><DTSTART>{from}</DTSTART><DTEND>{to}</DTEND>\n"
    )
}

pub(super) fn line(line: &Line) -> String {
    let kind = if line.amount.is_sign_negative() {
        "DEBIT"
    } else {
        "CREDIT"
    };
    let name: String = line.description.chars().take(NAME).collect();
    let memo = match line.description.chars().nth(NAME) {
        Some(_) => format!("<MEMO>{}</MEMO>", escaped(&line.description)),
        None => String::new(),
    };
    format!(
        "<STMTTRN><TRNTYPE>{kind}</TRNTYPE><DTPOSTED>{}</DTPOSTED><TRNAMT>{}</TRNAMT><FITID>{}</FITID><NAME>{}</NAME>{memo}</STMTTRN>\n",
        day(line.date),
        line.amount,
        line.id,
        escaped(name.trim_end()),
    )
}

pub(super) fn foot(subject: &Subject) -> String {
    let (message, statement) = match is_card(subject) {
        true => ("CREDITCARDMSGSRSV1", "CCSTMT"),
        false => ("BANKMSGSRSV1", "STMT"),
    };
    format!(
        "</BANKTRANLIST>\n<LEDGERBAL><BALAMT>{}</BALAMT><DTASOF>{}</DTASOF></LEDGERBAL></{statement}RS></{statement}TRNRS></{message}></OFX>\n",
        subject.balance,
        day(subject.today),
    )
}

fn is_card(subject: &Subject) -> bool {
    subject.account.kind == AccountKind::CreditCard
}

fn day(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
