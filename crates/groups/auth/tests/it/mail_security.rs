//! Mail over TLS, to a server whose certificate an authority of the operator's has issued.

use crate::house::{House, text};
use runtime::{
    mail::{Mail, Mailer},
    settings::{MailSecurity, MailSettings},
};
use serde_json::json;
use testkit::{Authority, MailServer};

const RAJESH: &str = "rajesh@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn mail_arrives_over_tls_at_a_server_of_the_named_authority() {
    for security in [MailSecurity::Starttls, MailSecurity::Tls] {
        let authority = Authority::new();
        let house = House::mailing_to(MailServer::secured(security, &authority).await).await;
        house.advisor(RAJESH).await;
        let code = house.mail.first_to(RAJESH).await.code();
        let verified = house
            .post("/api/auth/email/verify", &json!({ "token": code }))
            .await;
        assert_eq!(verified.status, 204, "{security:?}: {}", verified.text);
        assert_eq!(house.mail.broken_off(), 0, "{security:?}");
    }
}

/// Somebody between has a certificate too, but of another authority, or for another name: the mail waits until the right
/// server answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_wrong_certificate_gets_no_mail_and_the_mail_is_sent_later() {
    for security in [MailSecurity::Starttls, MailSecurity::Tls] {
        let (authority, another) = (Authority::new(), Authority::new());
        for wrong in [
            another.acceptor(&["127.0.0.1"]),
            authority.acceptor(&["elsewhere.example.com"]),
        ] {
            let mail = MailServer::secured(security, &authority).await;
            mail.present(wrong);
            let house = House::mailing_to(mail).await;
            let grant = house.advisor(RAJESH).await;
            assert!(
                !text(&grant["access_token"]).is_empty(),
                "who waits for mail is not kept out"
            );
            testkit::eventually("the server is turned down", || async {
                (house.mail.broken_off() > 0).then_some(())
            })
            .await;
            assert!(house.mail.mails().is_empty(), "{security:?}");

            house.mail.present(authority.acceptor(&["127.0.0.1"]));
            house.let_time_pass_until_mail_to(RAJESH).await;
            let code = house.mail.first_to(RAJESH).await.code();
            let verified = house
                .post("/api/auth/email/verify", &json!({ "token": code }))
                .await;
            assert_eq!(verified.status, 204, "{security:?}: {}", verified.text);
        }
    }
}

/// A mailer that could not check any certificate is not made at all, and says which setting is wrong.
#[tokio::test]
async fn authorities_that_cannot_be_read_are_told_at_the_start() {
    let server = MailServer::start().await;
    let directory = tempfile::tempdir().unwrap();
    let (missing, garbage) = (
        directory.path().join("missing.pem"),
        directory.path().join("garbage.pem"),
    );
    std::fs::write(&garbage, "no certificate").unwrap();
    for file in [missing, garbage] {
        let settings = MailSettings {
            security: MailSecurity::Starttls,
            ca_file: Some(file.clone()),
            ..server.settings()
        };
        let refused = Mailer::new(&settings, directory.path(), kernel::Sources::system()).unwrap_err();
        let told = refused.to_string();
        assert!(told.contains("mail.ca_file") && told.contains("PEM"), "{told}");
    }
}

/// Without a file of authorities the system's count, and those of a test are not among them.
#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_nobody_named_is_not_believed() {
    let authority = Authority::new();
    for security in [MailSecurity::Starttls, MailSecurity::Tls] {
        let server = MailServer::secured(security, &authority).await;
        let settings = MailSettings {
            ca_file: None,
            timeout_seconds: 5,
            ..server.settings()
        };
        let directory = tempfile::tempdir().unwrap();
        let mailer = Mailer::new(&settings, directory.path(), kernel::Sources::system()).unwrap();
        let mail = Mail {
            id: "1".to_owned(),
            to: kernel::Email::parse(RAJESH).unwrap(),
            subject: "Hello".to_owned(),
            text: "a secret".to_owned(),
        };
        assert!(mailer.send(&mail).await.is_err(), "{security:?}");
        assert!(server.mails().is_empty(), "{security:?}");
    }
}
