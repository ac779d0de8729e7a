use super::{
    book::book,
    contact::contact,
    document::{Operation, Place},
    holdings::holdings,
    request::{Body, Request},
    schemas::Schemas,
};
use crate::{deployment::ADMIN, world::PASSWORD};
use serde_json::{Value, json};

/// What a valid request may name.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) token: String,
    pub(super) refresh_token: String,
    pub(super) session: String,
    pub(super) fresh_email: String,
    pub(super) advisor: String,
    /// A client in the advisor's book, and the user behind it.
    pub(super) client: String,
    pub(super) owner: String,
    /// An account of that user, and what stands on it.
    pub(super) account: String,
    /// Another, on which nothing stands.
    pub(super) empty_account: String,
    pub(super) transaction: String,
    /// A budget of that user, an inventory item without a reorder, and an open reorder of another one.
    pub(super) budget: String,
    pub(super) item: String,
    pub(super) reorder: String,
    /// A portfolio of that user in which nothing is.
    pub(super) portfolio: String,
    /// A lead, a goal and a household of that advisor's book.
    pub(super) lead: String,
    pub(super) goal: String,
    pub(super) household: String,
    /// A process in the registry.
    pub(super) instance: String,
}

/// A valid request.
pub(super) struct Valid {
    pub(super) request: Request,
    /// The status that answers it; none for any 2xx.
    pub(super) status: Option<u16>,
}

/// What the schema of an operation does not say about a valid request.
#[derive(Default)]
pub(super) struct Known {
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) query: Vec<(&'static str, String)>,
    /// Fields that take the place of derived ones.
    pub(super) body: Value,
    /// A body that is not JSON: its content type and text.
    pub(super) raw: Option<(&'static str, &'static str)>,
    pub(super) status: Option<u16>,
}

/// The one table of this test. An operation that needs nothing beyond its schema does not stand here.
fn known(id: &str, facts: &Facts) -> Known {
    let path = |name, value: &str| Known {
        path: vec![(name, value.to_owned())],
        ..Known::default()
    };
    let query = |name, value: &str| Known {
        query: vec![(name, value.to_owned())],
        ..Known::default()
    };
    let body = |body: Value| Known {
        body,
        ..Known::default()
    };
    let account = |account: &str| Known {
        path: vec![
            ("user_id", facts.owner.clone()),
            ("account_id", account.to_owned()),
        ],
        ..Known::default()
    };
    match id.trim_end_matches("_v1") {
        "advisory_create_client" => body(json!({ "advisor_id": facts.advisor })),
        "advisory_get_client" | "advisory_update_client" | "advisory_delete_client" => {
            path("id", &facts.client)
        }
        "auth_assign_role"
        | "auth_user"
        | "auth_admin_erase_user"
        | "auth_admin_impersonate_user"
        | "auth_admin_log_out_user"
        | "auth_admin_restore_user"
        | "auth_admin_suspend_user" => path("user_id", &facts.advisor),
        "auth_login" => body(json!({ "email": ADMIN, "password": PASSWORD })),
        "auth_refresh" => body(json!({ "refresh_token": facts.refresh_token })),
        "auth_register" => body(json!({ "email": facts.fresh_email, "password": PASSWORD })),
        "auth_revoke_session" => path("session_id", &facts.session),
        "finance_create_account" => body(json!({ "user_id": facts.owner })),
        "finance_create_transaction" | "finance_create_transaction_at_root" => {
            body(json!({ "user_id": facts.owner, "account_id": facts.account, "amount": 1 }))
        }
        "finance_run_command" => body(json!({
            "command": "create_transaction", "params": { "type": "income", "amount": 1, "user_id": facts.owner }
        })),
        // Without an upgrade there is no socket.
        "finance_open_transaction_socket" => Known {
            status: Some(400),
            ..Known::default()
        },
        "finance_delete_account" => account(&facts.empty_account),
        "finance_get_account" | "finance_update_account" => account(&facts.account),
        "finance_create_entry" => body(json!({ "user_id": facts.owner, "legs": [
            { "account": "asset:house", "amount": 5 },
            { "account": "equity:opening_balance", "amount": -5 },
        ] })),
        "finance_get_entry" | "finance_reverse_entry" => path("id", &facts.transaction),
        "finance_put_fx_rate" => body(json!({ "base": "USD", "quote": "INR", "rate": 80 })),
        // Nothing of this book is closed.
        "finance_reopen_period" => Known {
            status: Some(422),
            ..body(json!({ "user_id": facts.owner }))
        },
        "finance_update_ledger_account" => Known {
            path: vec![("account", format!("money:{}", facts.account))],
            ..body(json!({ "user_id": facts.owner, "closed": false }))
        },
        "finance_get_transaction" | "finance_get_transaction_history" => path("id", &facts.transaction),
        "finance_import_transactions" => Known {
            query: vec![("account_id", facts.account.clone())],
            raw: Some(("text/csv", "Date,Description,Amount\n2026-01-05,Salary,1350.60\n")),
            ..Known::default()
        },
        "finance_list_accounts" => path("user_id", &facts.owner),
        "infrastructure_list_dead_letters" | "infrastructure_list_events" => query("group", "auth"),
        // No consumer can be counted on.
        "infrastructure_replay_events" => Known {
            status: Some(404),
            ..body(json!({ "group": "auth" }))
        },
        "infrastructure_retry_dead_letter" => Known {
            status: Some(404),
            ..path("group", "auth")
        },
        "infrastructure_deregister_instance" => path("id", &facts.instance),
        "infrastructure_register_instance" => {
            body(json!({ "groups": ["finance"], "address": "http://127.0.0.1:9" }))
        }
        "infrastructure_renew_instance" => Known {
            body: json!({ "groups": ["finance"], "address": "http://127.0.0.1:9" }),
            ..path("id", &facts.instance)
        },
        // The outside platform is away.
        "integrations_connect_triplewhale" => Known {
            body: json!({ "shop_domain": "shop.example.com" }),
            status: Some(424),
            ..Known::default()
        },
        _ => statements(id, facts)
            .or_else(|| figures(id, facts))
            .or_else(|| contact(id, facts))
            .or_else(|| book(id, facts))
            .or_else(|| syncs(id))
            .or_else(|| holdings(id, facts))
            .or_else(|| absent(id, facts))
            .unwrap_or_default(),
    }
}

/// Imports, exports and what stands beside transactions.
fn statements(id: &str, facts: &Facts) -> Option<Known> {
    let account = |status| Known {
        query: vec![("account_id", facts.account.clone())],
        status,
        ..Known::default()
    };
    let transaction = || Known {
        path: vec![("id", facts.transaction.clone())],
        ..Known::default()
    };
    let absent = |body| Known {
        body,
        status: Some(404),
        ..Known::default()
    };
    let mapping = json!({
        "name": "Bank", "columns": { "date": "Day", "description": ["Text"], "amount": "Sum" }
    });
    Some(match id.trim_end_matches("_v1") {
        "finance_export_transactions" | "finance_list_imports" => account(None),
        "finance_get_import"
        | "finance_get_import_mapping"
        | "finance_delete_import_mapping"
        | "finance_get_attachment_content"
        | "finance_delete_attachment" => absent(Value::Null),
        "finance_create_import_mapping" => Known {
            body: mapping,
            ..Known::default()
        },
        "finance_update_import_mapping" => absent(mapping),
        "finance_put_category_rules" => Known {
            body: json!({ "rules": [{ "category": "food", "contains": "tea" }] }),
            ..Known::default()
        },
        "finance_list_attachments" | "finance_get_tags" => transaction(),
        "finance_put_tags" => Known {
            body: json!({ "tags": ["travel"] }),
            ..transaction()
        },
        "finance_create_attachment" => Known {
            body: json!({
                "name": "Receipt", "url": "https://example.com/receipt.pdf", "sha256": "ab".repeat(32)
            }),
            ..transaction()
        },
        "finance_upload_attachment" => Known {
            query: vec![("name", "Receipt".to_owned())],
            raw: Some(("text/plain", "A cup of tea: 3.50")),
            ..transaction()
        },
        _ => return None,
    })
}

/// Mortgages, budgets and inventory.
fn figures(id: &str, facts: &Facts) -> Option<Known> {
    let path = |value: &str| Known {
        path: vec![("id", value.to_owned())],
        ..Known::default()
    };
    let body = |body: Value| Known {
        body,
        ..Known::default()
    };
    let categories = json!([{ "category": "food", "amount": 1 }]);
    let mortgage = json!({ "principal": 1000, "annual_rate": 0.05, "term_months": 12 });
    Some(match id.trim_end_matches("_v1") {
        "finance_calculate_mortgage" => body(mortgage),
        "finance_compare_mortgages" => body(json!({ "scenarios": [
            { "name": "first", "mortgage": mortgage }, { "name": "second", "mortgage": mortgage }
        ] })),
        "finance_calculate_affordability" => {
            body(json!({ "monthly_income": 1000, "annual_rate": 0.05, "term_months": 12 }))
        }
        "finance_recommend_budget" => body(json!({ "income": 1000 })),
        "finance_create_budget" => body(json!({ "categories": categories })),
        "finance_update_budget" => Known {
            body: json!({ "categories": categories }),
            ..path(&facts.budget)
        },
        "finance_get_budget" | "finance_delete_budget" | "finance_get_budget_actual" => path(&facts.budget),
        "finance_create_inventory_item" => body(json!({ "sku": facts.fresh_email })),
        "finance_get_inventory_item" | "finance_update_inventory_item" | "finance_delete_inventory_item" => {
            path(&facts.item)
        }
        "finance_create_inventory_movement" => body(json!({
            "item_id": facts.item, "type": "receipt", "quantity": 1, "unit_cost": 1
        })),
        "finance_create_inventory_reorder" => body(json!({ "item_id": facts.item, "quantity": 1 })),
        "finance_close_inventory_reorder" => path(&facts.reorder),
        "finance_import_fx_rates" => Known {
            raw: Some(("text/csv", "date,base,quote,rate\n2026-01-05,EUR,INR,90\n")),
            ..Known::default()
        },
        "finance_import_inventory_items" => Known {
            raw: Some(("text/csv", "sku,name\nRICE-5,Rice 5 kg\n")),
            ..Known::default()
        },
        _ => return None,
    })
}

/// Syncs with databases. One can be made, though nothing answers at its address; nobody has one yet.
fn syncs(id: &str) -> Option<Known> {
    Some(match id.trim_end_matches("_v1") {
        "integrations_create_database_sync" => Known {
            body: json!({ "connection": "postgresql://books:secret@127.0.0.1:9/books" }),
            ..Known::default()
        },
        "integrations_change_database_sync"
        | "integrations_delete_database_sync"
        | "integrations_get_database_sync"
        | "integrations_get_database_sync_run"
        | "integrations_list_database_sync_runs"
        | "integrations_run_database_sync" => Known {
            status: Some(404),
            ..Known::default()
        },
        _ => return None,
    })
}

/// What needs something that only a mail, a second factor or another hand gives: the request is as it should be, and
/// the answer says that it is not there.
fn absent(id: &str, facts: &Facts) -> Option<Known> {
    let status = match id.trim_end_matches("_v1") {
        "auth_accept_invitation"
        | "auth_account_restore"
        | "auth_restore_account"
        | "auth_email_verify"
        | "auth_password_reset" => 422,
        "auth_exchange_api_key" | "auth_mfa_challenge" | "auth_setup" => 401,
        "auth_accept_legal_document"
        | "auth_admin_renew_firm_setup"
        | "auth_admin_reset_mfa"
        | "auth_admin_revoke_api_key"
        | "auth_revoke_api_key"
        | "auth_send_invitation" => 404,
        "auth_email_send" | "auth_mfa_confirm" => 409,
        // With the right password they would take the account from the test that logs in with it.
        "auth_delete_account"
        | "auth_erase_account"
        | "auth_email_change"
        | "auth_mfa_disable"
        | "auth_mfa_enroll"
        | "auth_mfa_recovery_codes"
        | "auth_password_change" => 403,
        "auth_make_api_key" => {
            return Some(Known {
                body: json!({ "scopes": ["finance.read"], "expires_in_days": 1 }),
                ..Known::default()
            });
        }
        "auth_admin_make_service_api_key" => {
            return Some(Known {
                path: vec![("user_id", facts.advisor.clone())],
                body: json!({ "scopes": ["finance.read"], "expires_in_days": 1 }),
                status: Some(404),
                ..Known::default()
            });
        }
        _ => return None,
    };
    Some(Known {
        status: Some(status),
        ..Known::default()
    })
}

/// The valid request of an operation: derived from its schema, and what stands in the table.
pub(super) fn request(schemas: &Schemas, operation: &Operation, facts: &Facts) -> Result<Valid, String> {
    let known = known(&operation.id, facts);
    let mut request = Request::default();
    for parameter in &operation.parameters {
        let told = match parameter.place {
            Place::Path => &known.path,
            Place::Query => &known.query,
            Place::Header => continue,
        };
        let told = told.iter().find(|(name, _)| *name == parameter.name);
        let value = match told {
            Some((_, value)) => value.clone(),
            None if !parameter.required => continue,
            None => match schemas.example(&parameter.schema) {
                Some(Value::String(text)) => text,
                Some(other) => other.to_string(),
                None => return Err(underivable(&parameter.name)),
            },
        };
        let pair = (parameter.name.clone(), value.into_bytes());
        match parameter.place {
            Place::Path => request.path.push(pair),
            _ => request.query.push(pair),
        }
    }
    request.body = match (&operation.json, known.raw) {
        (Some(schema), _) => Body::Json(body(schemas, schema, known.body)?),
        (None, Some((kind, text))) => Body::Raw(kind.to_owned(), text.as_bytes().to_vec()),
        (None, None) if operation.other_bodies.is_empty() => Body::None,
        (None, None) => return Err(underivable(&format!("a body of {:?}", operation.other_bodies))),
    };
    Ok(Valid {
        request,
        status: known.status,
    })
}

/// What is known takes the place of what is derived, so that only the rest has to be derivable.
fn body(schemas: &Schemas, schema: &Value, known: Value) -> Result<Value, String> {
    let Some(form) = schemas.forms(schema).into_iter().next() else {
        return Err(underivable("the body"));
    };
    let mut whole = known;
    if form["properties"].is_object() && (whole.is_null() || whole.is_object()) {
        let mut object = whole.as_object().cloned().unwrap_or_default();
        for name in form["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if !object.contains_key(name) {
                let value = schemas.example(&form["properties"][name]);
                object.insert(name.to_owned(), value.ok_or_else(|| underivable(name))?);
            }
        }
        whole = Value::Object(object);
    }
    if schemas.accepts(schema, &whole) {
        Ok(whole)
    } else {
        Err(format!("the schema does not accept {whole}"))
    }
}

fn underivable(what: &str) -> String {
    format!("no valid value of {what} can be derived from its schema: say one in hostile_input/valid.rs")
}
