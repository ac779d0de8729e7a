//! OFX and QIF files.

use crate::setting::{Setting, id};
use serde_json::json;

const OFX: &str = "application/x-ofx";
const QIF: &str = "application/x-qif";

/// What banks send: SGML, with tags that are never closed.
fn sgml(transactions: &str) -> String {
    format!(
        "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:USASCII\r\nCHARSET:1252\r\n\r\n<OFX>\
         <SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260131<LANGUAGE>ENG</SONRS>\
         </SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>77\
         <ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n{transactions}</BANKTRANLIST>\
         <LEDGERBAL><BALAMT>1<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )
}

fn transaction(id: &str, date: &str, amount: &str, name: &str) -> String {
    format!("<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{date}<TRNAMT>{amount}<FITID>{id}<NAME>{name}</STMTTRN>\n")
}

#[tokio::test]
async fn an_ofx_statement_is_read_in_both_versions_and_named_by_its_ids() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let coffees = [
        transaction("a1", "20260105120000[-5:EST]", "-3.50", "Coffee &amp; cake"),
        transaction("a2", "20260105", "-3.50", "Coffee &amp; cake"),
        transaction("a3", "20260106", "1350,60", "Payroll"),
    ];
    let file = sgml(&coffees.concat());
    let read = setting
        .import_as(&setting.user, &account, OFX, "", file.clone())
        .await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!((&read["imported"], &read["format"]), (&json!(3), &json!("ofx")));
    assert_eq!(setting.balance(&setting.user, &account).await, "1343.60");
    // The same transactions as XML, one more, and one whose text the bank has changed since.
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><?OFX OFXHEADER=\"200\" VERSION=\"211\"?><OFX><!-- again --><BANKMSGSRSV1>\
         <STMTTRNRS><STMTRS><CURDEF>USD</CURDEF><BANKTRANLIST>\
         <STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260105</DTPOSTED><TRNAMT>-3.50</TRNAMT><FITID>a1</FITID>\
         <NAME><![CDATA[Coffee & cake, settled]]></NAME></STMTTRN>\
         <STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260107</DTPOSTED><TRNAMT>-.60</TRNAMT><FITID>a4</FITID>\
         <PAYEE><NAME>Té</NAME><ADDR1>x</ADDR1></PAYEE><MEMO/><BANKACCTTO><ACCTID>99</ACCTID></BANKACCTTO></STMTTRN>\
         </BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>";
    let again = setting.import_as(&setting.user, &account, OFX, "", xml).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(1), &json!(1)),
        "{}",
        again.text
    );
    let again = setting.import_as(&setting.user, &account, OFX, "", file).await;
    assert_eq!((&again["imported"], &again["duplicates"]), (&json!(0), &json!(3)));
    assert_eq!(setting.balance(&setting.user, &account).await, "1343.00");
    let path = format!("/api/v1/transactions?account_id={}&sort=date", id(&account));
    let listed = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(listed.body[0]["description"], "Coffee & cake");
}

#[tokio::test]
async fn a_qif_statement_is_read_with_its_categories() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let file = "!Type:Bank\r\nD1/ 5'26\r\nT-3.50\r\nPCafé\r\nLFood:Coffee\r\n^\r\nD01/05/2026\r\nU-3.50\r\nPCafé\r\nLFood:Coffee\r\n^\r\n\
                D1/31/2026\r\nT1,350.60\r\nPPayroll\r\nMJanuary\r\nL[Savings]\r\n^\r\n";
    let latin: Vec<u8> = file
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let refused = setting
        .import_as(&setting.user, &account, QIF, "", latin.clone())
        .await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["file"]);
    for new in [3, 0] {
        let read = setting
            .import_as(
                &setting.user,
                &account,
                QIF,
                "&encoding=windows-1252",
                latin.clone(),
            )
            .await;
        assert_eq!(read["imported"], new, "{}", read.text);
    }
    assert_eq!(setting.balance(&setting.user, &account).await, "1343.60");
    let path = format!("/api/v1/transactions?account_id={}&sort=date", id(&account));
    let listed = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(listed.body[0]["category"], "food:coffee");
    assert_eq!(listed.body[2]["description"], "Payroll January");
    let day_first = "!Type:Cash\nD31/01/2026\nT-1\nPTea\n^\n";
    let refused = setting
        .import_as(&setting.user, &account, QIF, "", day_first)
        .await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["row 1"]);
    let read = setting
        .import_as(
            &setting.user,
            &account,
            QIF,
            "&date_format=DD%2FMM%2FYYYY",
            day_first,
        )
        .await;
    assert_eq!(read["imported"], 1, "{}", read.text);
}

#[tokio::test]
async fn what_is_no_such_file_is_refused_and_names_the_row() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let good = transaction("1", "20260105", "-1", "Tea");
    let cases: Vec<(&str, &str, String, &str)> = vec![
        ("nothing", OFX, String::new(), "file"),
        ("no OFX", OFX, "Date,Description,Amount\n".to_owned(), "file"),
        ("no statement", OFX, "<OFX></OFX>".to_owned(), "file"),
        (
            "cut off",
            OFX,
            sgml(&good)[..sgml(&good).len() - 200].replace("</STMTTRN>", ""),
            "file",
        ),
        (
            "a document type",
            OFX,
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", sgml(&good)),
            "file",
        ),
        ("another currency", OFX, sgml(&good).replace("USD", "EUR"), "file"),
        (
            "no date",
            OFX,
            sgml(&format!("{good}<STMTTRN><TRNAMT>1<FITID>2</STMTTRN>")),
            "row 2",
        ),
        (
            "a wrong amount",
            OFX,
            sgml(&transaction("1", "20260105", "1e3", "Tea")),
            "row 1",
        ),
        (
            "a wrong date",
            OFX,
            sgml(&transaction("1", "20261301", "1", "Tea")),
            "row 1",
        ),
        (
            "a long name",
            OFX,
            sgml(&transaction("1", "20260105", "1", &"x".repeat(501))),
            "row 1",
        ),
        ("NUL", OFX, sgml("\u{0}"), "file"),
        ("no QIF", QIF, "D1/1/2026\nT1\n^\n".to_owned(), "file"),
        ("trades", QIF, "!Type:Invst\nD1/1/2026\n^\n".to_owned(), "file"),
        (
            "no amount",
            QIF,
            "!Type:Bank\nD1/1/2026\nPTea\n^\n".to_owned(),
            "row 1",
        ),
        (
            "two accounts",
            QIF,
            "!Type:Bank\nD1/1/2026\nT1\n^\n!Type:Cash\n".to_owned(),
            "file",
        ),
    ];
    for (what, media_type, file, field) in cases {
        let refused = setting
            .import_as(&setting.user, &account, media_type, "", file)
            .await;
        let named = refused.assert_error(422, "validation_error").fields();
        assert_eq!(
            named.first().map(|name| &**name),
            Some(field),
            "{what}: {}",
            refused.text
        );
    }
    assert_eq!(setting.count(&setting.user, &account).await, 0);
}
