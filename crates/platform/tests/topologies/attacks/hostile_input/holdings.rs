//! Portfolios, orders and market data.

use super::valid::{Facts, Known};
use serde_json::{Value, json};

pub(super) fn holdings(id: &str, facts: &Facts) -> Option<Known> {
    let portfolio = |body: Value| Known {
        path: vec![("id", facts.portfolio.clone())],
        body,
        ..Known::default()
    };
    let absent = || Known {
        status: Some(404),
        ..Known::default()
    };
    let file = |text| Known {
        raw: Some(("text/csv", text)),
        ..Known::default()
    };
    let body = |body: Value| Known {
        body,
        ..Known::default()
    };
    let query = |name, value: &str| Known {
        query: vec![(name, value.to_owned())],
        ..Known::default()
    };
    Some(match id.trim_end_matches("_v1") {
        // Nobody made the instrument.
        "wealth_create_order" => Known {
            status: Some(422),
            ..body(json!({ "portfolio_id": facts.portfolio, "quantity": 1, "limit_price": 1 }))
        },
        "wealth_fill_order" => Known {
            body: json!({ "quantity": 1, "price": 1 }),
            ..absent()
        },
        "wealth_get_order"
        | "wealth_check_order"
        | "wealth_place_order"
        | "wealth_cancel_order"
        | "wealth_reject_order"
        | "wealth_expire_order" => absent(),
        // Nobody made the instrument.
        "wealth_create_schedule" => Known {
            status: Some(422),
            ..body(json!({ "portfolio_id": facts.portfolio, "amount": 1 }))
        },
        "wealth_get_schedule"
        | "wealth_update_schedule"
        | "wealth_pause_schedule"
        | "wealth_resume_schedule"
        | "wealth_cancel_schedule"
        | "wealth_list_instalments" => absent(),
        "wealth_create_funding" => body(json!({
            "portfolio_id": facts.portfolio, "kind": "deposit", "amount": 1, "expected_on": "2099-01-01",
        })),
        "wealth_get_funding"
        | "wealth_approve_funding"
        | "wealth_settle_funding"
        | "wealth_fail_funding"
        | "wealth_cancel_funding" => absent(),
        "wealth_create_corporate_action" => Known {
            status: Some(422),
            ..body(json!({ "kind": "split", "symbol": "HDFCBANK" }))
        },
        "wealth_elect_corporate_action" => Known {
            body: json!({ "portfolio_id": facts.portfolio, "choice": "lapse", "quantity": 1 }),
            ..absent()
        },
        "wealth_get_corporate_action"
        | "wealth_preview_corporate_action"
        | "wealth_list_corporate_action_portfolios"
        | "wealth_apply_corporate_action"
        | "wealth_undo_corporate_action"
        | "wealth_cancel_corporate_action" => absent(),
        "wealth_list_tax_gains" | "wealth_list_tax_harvesting" => query("user_id", &facts.owner),
        "wealth_list_corporate_actions" => query("portfolio_id", &facts.portfolio),
        "wealth_create_portfolio" => body(json!({ "user_id": facts.owner })),
        "wealth_get_portfolio"
        | "wealth_update_portfolio"
        | "wealth_delete_portfolio"
        | "wealth_create_portfolio_account"
        | "wealth_list_positions"
        | "wealth_get_allocation"
        | "wealth_list_entries"
        | "wealth_list_lots"
        | "wealth_verify_portfolio"
        | "wealth_get_drift"
        | "wealth_get_performance"
        | "wealth_get_tax_gains"
        | "wealth_get_tax_harvesting"
        | "wealth_list_valuations" => portfolio(Value::Null),
        "wealth_create_entry" => portfolio(json!({ "kind": "deposit", "amount": 1 })),
        "wealth_put_targets" => portfolio(json!({ "targets": [{ "key": "cash", "weight": 1 }] })),
        // It has no targets yet.
        "wealth_plan_rebalance" => Known {
            status: Some(409),
            ..portfolio(json!({ "minimum_trade": 1 }))
        },
        "wealth_create_instrument" => {
            let number: String = facts.fresh_email.chars().filter(char::is_ascii_digit).collect();
            body(json!({ "symbol": format!("F{number}"), "product_risk": 3, "fair_value_2018": 1 }))
        }
        "wealth_get_instrument" | "wealth_update_instrument" => absent(),
        // Nobody made the instrument.
        "wealth_put_quote" => Known {
            status: Some(422),
            ..body(json!({ "price": 1 }))
        },
        "wealth_list_quotes" => Known {
            query: vec![("symbol", "HDFCBANK".to_owned())],
            ..Known::default()
        },
        "wealth_import_instruments" => file("symbol,name,class\nRELIANCE,Reliance,equity\n"),
        "wealth_import_quotes" => file("symbol,date,price\n"),
        _ => return None,
    })
}
