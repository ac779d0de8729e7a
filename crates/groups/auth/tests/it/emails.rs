use crate::house::{House, PASSWORD, code, text};
use serde_json::json;

const RAJESH: &str = "rajesh@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_confirms_their_address_with_the_mailed_code() {
    let house = House::open().await;
    let grant = house.advisor(RAJESH).await;
    assert_eq!(grant["user"]["email_verified"], false);
    let mail = house.mail.first_to(RAJESH).await;
    assert_eq!(mail.subject, "Confirm your e-mail address");
    assert!(!mail.text.contains("Rajesh Kumar"), "nothing a user wrote");
    let reply = house
        .post("/api/v1/auth/email/verify", &json!({"token": mail.code()}))
        .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let me = house.get(text(&grant["access_token"]), "/api/auth/me").await;
    assert_eq!(me.body["email_verified"], true);
    let again = house
        .post("/api/auth/email/verify", &json!({"token": mail.code()}))
        .await;
    assert_eq!((again.status, code(&again)), (422, "invalid_token"));
    let more = house
        .post_as(text(&grant["access_token"]), "/api/auth/email/send", &json!({}))
        .await;
    assert_eq!((more.status, code(&more)), (409, "already_verified"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_sent_again_once_a_minute_and_the_newest_counts() {
    let house = House::open().await;
    let grant = house.advisor(RAJESH).await;
    let token = text(&grant["access_token"]);
    let first = house.mail.first_to(RAJESH).await;
    let send = async || house.post_as(token, "/api/auth/email/send", &json!({})).await;
    assert_eq!(send().await.status, 202);
    let second = house.mail.nth_to(2, RAJESH).await;
    let soon = send().await;
    assert_eq!((soon.status, soon.header("retry-after")), (429, Some("60")));
    let old = house
        .post("/api/auth/email/verify", &json!({"token": first.code()}))
        .await;
    assert_eq!(code(&old), "invalid_token");
    house.advance(61);
    assert_eq!(send().await.status, 202);
    let third = house.mail.nth_to(3, RAJESH).await;
    let old = house
        .post("/api/auth/email/verify", &json!({"token": second.code()}))
        .await;
    assert_eq!(code(&old), "invalid_token");
    let good = house
        .post("/api/auth/email/verify", &json!({"token": third.code()}))
        .await;
    assert_eq!(good.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_after_a_day_and_is_good_for_nothing_else() {
    let house = House::open().await;
    house.advisor(RAJESH).await;
    let code_of_mail = house.mail.first_to(RAJESH).await.code();
    let reset = house
        .post(
            "/api/auth/password/reset",
            &json!({"token": code_of_mail, "new_password": "another horse"}),
        )
        .await;
    assert_eq!((reset.status, code(&reset)), (422, "invalid_token"));
    house.advance(24 * 3600);
    let late = house
        .post("/api/auth/email/verify", &json!({"token": code_of_mail}))
        .await;
    assert_eq!((late.status, code(&late)), (422, "invalid_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_counts_once_it_has_answered_and_the_old_one_is_told() {
    let house = House::open().await;
    let grant = house.advisor(RAJESH).await;
    let token = text(&grant["access_token"]);
    let change = async |email: &str, password: &str| {
        let body = json!({"email": email, "proof": {"password": password}});
        house.post_as(token, "/api/auth/email/change", &body).await
    };
    let wrong = change("new@example.com", "wrong horse").await;
    assert_eq!((wrong.status, code(&wrong)), (403, "wrong_proof"));
    assert_eq!(change("new@example.com", PASSWORD).await.status, 202);
    let mail = house.mail.first_to("new@example.com").await;
    assert_eq!(
        house.try_log_in("new@example.com", PASSWORD).await.status,
        401,
        "not yet"
    );
    let reply = house
        .post("/api/auth/email/verify", &json!({"token": mail.code()}))
        .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let notice = house.mail.nth_to(2, RAJESH).await;
    assert_eq!(notice.subject, "Your e-mail address was changed");
    assert!(!notice.text.contains("new@example.com"));
    assert_eq!(house.try_log_in("new@example.com", PASSWORD).await.status, 200);
    assert_eq!(house.try_log_in(RAJESH, PASSWORD).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_an_address_is_taken_is_not_told() {
    let house = House::open().await;
    house.make(kernel::Role::Client, "priya@example.com").await;
    let grant = house.advisor(RAJESH).await;
    let body = json!({"email": "priya@example.com", "proof": {"password": PASSWORD}});
    let reply = house
        .post_as(text(&grant["access_token"]), "/api/auth/email/change", &body)
        .await;
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    house.settle_jobs().await;
    assert!(house.mail.mails().iter().all(|mail| mail.to == [RAJESH]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_the_server_does_not_take_now_is_sent_later() {
    let house = House::open().await;
    house.mail.refuse_next("451 try later");
    house.advisor(RAJESH).await;
    house.let_time_pass_until_mail_to(RAJESH).await;
    let mail = house.mail.first_to(RAJESH).await;
    assert!(mail.id.contains("@wealthos.example"));
    let reply = house
        .post("/api/auth/email/verify", &json!({"token": mail.code()}))
        .await;
    assert_eq!(reply.status, 204);
}

/// A server, or somebody between, who offers no TLS where it is demanded gets no mail and no password.
#[tokio::test(flavor = "multi_thread")]
async fn no_mail_goes_out_in_the_clear_where_tls_is_demanded() {
    use runtime::{
        mail::{Mail, Mailer},
        settings::{MailSecurity, MailSettings},
    };
    let server = testkit::MailServer::start().await;
    let directory = tempfile::tempdir().unwrap();
    for security in [MailSecurity::Starttls, MailSecurity::Tls] {
        let settings = MailSettings {
            security,
            username: Some("wealthos".to_owned()),
            password: Some("a secret".into()),
            timeout_seconds: 5,
            ..server.settings()
        };
        let mailer = Mailer::new(&settings, directory.path(), kernel::Sources::system()).unwrap();
        let mail = Mail {
            id: "1".to_owned(),
            to: kernel::Email::parse("priya@example.com").unwrap(),
            subject: "A code".to_owned(),
            text: "which nobody else may read".to_owned(),
        };
        assert!(mailer.send(&mail).await.is_err(), "{security:?}");
    }
    assert_eq!(server.mails(), []);
}
