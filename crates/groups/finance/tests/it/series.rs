//! Series for charts.

use crate::setting::Setting;
use serde_json::{Value, json};

const STATEMENT: &str = "Date,Description,Amount\n2025-12-31,Opening Balance,100\n2026-01-05,Coffee,-3.50\n\
                         2026-01-31,Payroll,1000\n2026-03-02,Rent,-1200\n2026-03-04,Payroll,400\n";

fn figures(series: &Value, fields: &[&str]) -> Vec<String> {
    series["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| {
            fields
                .iter()
                .map(|field| point[*field].to_string().trim_matches('"').to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[tokio::test]
async fn every_month_and_day_has_a_point_and_currencies_stay_apart() {
    let setting = Setting::new().await;
    for currency in ["USD", "EUR"] {
        let account = setting.account(&setting.client, currency).await;
        let read = setting
            .import(&setting.client, &account, "", STATEMENT.as_bytes())
            .await;
        assert_eq!(read["imported"], 5, "{}", read.text);
    }
    let get = |place: &str| {
        let path = format!(
            "/api/v1/financial-report/series/{place}&user_id={}",
            setting.client.user()
        );
        let token = setting.advisor.token.clone();
        let server = &setting.server;
        async move { server.get(&path, &token).await }
    };
    let worth = get("net-worth?from=2025-12-15&to=2026-03-03").await;
    assert_eq!(worth.status, 200, "{}", worth.text);
    assert_eq!(worth["series"].as_array().unwrap().len(), 2);
    assert_eq!(worth["series"][0]["currency"], "EUR");
    assert_eq!(
        figures(
            &worth["series"][1],
            &["date", "assets", "liabilities", "net_worth"]
        ),
        [
            "2025-12-31 100.00 0.00 100.00",
            "2026-01-31 1096.50 0.00 1096.50",
            "2026-02-28 1096.50 0.00 1096.50",
            "2026-03-03 0.00 103.50 -103.50"
        ]
    );
    let flow = get("cash-flow?from=2025-12-15&to=2026-03-31").await;
    assert_eq!(
        figures(&flow["series"][1], &["from", "to", "income", "expenses", "net"]),
        [
            "2025-12-01 2025-12-31 0.00 0.00 0.00",
            "2026-01-01 2026-01-31 1000.00 3.50 996.50",
            "2026-02-01 2026-02-28 0.00 0.00 0.00",
            "2026-03-01 2026-03-31 400.00 1200.00 -800.00"
        ]
    );
    let days = get("net-worth?interval=day&from=2026-03-01&to=2026-03-04").await;
    assert_eq!(
        figures(&days["series"][1], &["date", "net_worth"]),
        [
            "2026-03-01 1096.50",
            "2026-03-02 -103.50",
            "2026-03-03 -103.50",
            "2026-03-04 296.50"
        ]
    );
    let days = get("cash-flow?interval=day&from=2026-03-02&to=2026-03-04").await;
    assert_eq!(
        figures(&days["series"][1], &["net"]),
        ["-1200.00", "0.00", "400.00"]
    );
}

#[tokio::test]
async fn series_are_bounded_and_scoped() {
    let setting = Setting::new().await;
    setting.account(&setting.client, "USD").await;
    for place in ["net-worth", "cash-flow"] {
        let path = format!("/api/v1/financial-report/series/{place}");
        let own = setting.server.get(&path, &setting.user.token).await;
        assert_eq!((own.status, &own["series"]), (200, &json!([])), "{}", own.text);
        for (query, field) in [
            ("from=2026-02-01&to=2026-01-01", "to"),
            ("from=1990-01-01&to=2026-01-01", "from"),
            ("interval=day&from=2024-01-01&to=2026-01-01", "from"),
            ("interval=week", "interval"),
        ] {
            let refused = setting
                .server
                .get(&format!("{path}?{query}"), &setting.user.token)
                .await;
            assert_eq!(
                refused.assert_error(422, "validation_error").fields(),
                [field],
                "{query}"
            );
        }
        let foreign = format!("{path}?user_id={}", setting.client.user());
        for stranger in [&setting.user, &setting.other_advisor] {
            setting
                .server
                .get(&foreign, &stranger.token)
                .await
                .assert_error(404, "not_found");
        }
    }
}

#[tokio::test]
async fn one_currency_is_reported_by_the_rates_of_each_point() {
    let setting = Setting::new().await;
    for currency in ["USD", "INR"] {
        let account = setting.account(&setting.user, currency).await;
        let file = b"Date,Description,Amount\n2026-01-05,Payroll,100\n2026-03-02,Tea,-10\n";
        let read = setting.import(&setting.user, &account, "", file).await;
        assert_eq!(read["imported"], 2, "{}", read.text);
    }
    let get = async |place: &str| {
        let path =
            format!("/api/v1/financial-report/series/{place}&currency=INR&from=2026-01-01&to=2026-03-31");
        setting.server.get(&path, &setting.user.token).await
    };
    for place in ["net-worth?interval=month", "cash-flow?interval=month"] {
        let refused = get(place).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            ["currency"]
        );
        assert!(
            refused.text.contains("USD in INR for 2026-01-31"),
            "{}",
            refused.text
        );
    }
    let rates =
        "date,base,quote,rate\n2026-01-31,USD,INR,80\n2026-02-15,USD,INR,90.005\n2026-03-31,USD,INR,85\n";
    let sent = crate::fx_rates::send(&setting, &setting.admin, "", rates.as_bytes()).await;
    assert_eq!((sent.status, &sent["changed"]), (200, &json!(3)), "{}", sent.text);
    let worth = get("net-worth?interval=month").await;
    assert_eq!(worth["series"].as_array().unwrap().len(), 1, "{}", worth.text);
    assert_eq!(
        figures(&worth["series"][0], &["date", "net_worth"]),
        ["2026-01-31 8100.00", "2026-02-28 9100.50", "2026-03-31 7740.00"]
    );
    let flow = get("cash-flow?interval=month").await;
    assert_eq!(
        figures(&flow["series"][0], &["income", "expenses", "net"]),
        ["8100.00 0.00 8100.00", "0.00 0.00 0.00", "0.00 860.00 -860.00"]
    );
}
