//! Invariants 3 and 5 and the words that stand nowhere: which names may appear in which Rust files.

use crate::{
    load,
    model::{File, Word, Workspace, assert_none, assert_one, file},
};

/// A rule over the words of one file: the line and what is wrong there.
type Rule = fn(&File, &[Word]) -> Vec<(usize, String)>;

fn in_every_file(workspace: &Workspace, rule: Rule) -> Vec<String> {
    let mut found = Vec::new();
    // Templates in scripts/ become crates first.
    let built = |file: &&File| file.path.starts_with("crates/") || file.path.starts_with("bins/");
    for file in workspace.files.iter().filter(built) {
        match file.words() {
            Ok(words) => {
                for (line, complaint) in rule(file, &words) {
                    found.push(format!("{}:{line}: {complaint}", file.path));
                }
            }
            Err(unreadable) => found.push(unreadable),
        }
    }
    found
}

fn is_routes(path: &str) -> bool {
    path.starts_with("crates/groups/")
        && path.contains("/src/")
        && (path.ends_with("/routes.rs") || path.contains("/routes/") || path.ends_with("/src/lib.rs"))
}

/// A fake of an outside platform in the tests of a group: it has to be served somehow.
fn is_fake(path: &str) -> bool {
    path.starts_with("crates/groups/") && path.contains("/tests/it/fake_")
}

fn actix(file: &File, words: &[Word]) -> Vec<(usize, String)> {
    let at_home = file.path.starts_with("crates/kernel/web/")
        || file.path.starts_with("crates/platform/")
        // The reference servers are actix-web without the kernel.
        || file.path.starts_with("crates/proof/")
        || is_routes(&file.path)
        || is_fake(&file.path);
    if at_home {
        return Vec::new();
    }
    words
        .iter()
        .filter(|word| word.text == "actix" || word.text.starts_with("actix_"))
        .map(|word| {
            let advice =
                "only kernel/web, the routes of groups and platform know actix: move this into routes.rs or a file under routes/";
            (word.line, format!("'{}': {advice}", word.text))
        })
        .collect()
}

/// Whether exactly these words stand before `words[index]`.
fn preceded_by(words: &[Word], index: usize, before: &[&str]) -> bool {
    let start = index.checked_sub(before.len());
    start.is_some_and(|start| {
        words[start..index]
            .iter()
            .map(|word| word.text.as_str())
            .eq(before.iter().copied())
    })
}

/// Whether `words[index]` begins a path: `http::…`, but not a variable of that name.
fn begins_path(words: &[Word], index: usize) -> bool {
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.text == text);
    is(index + 1, ":") && is(index + 2, ":")
}

fn service(file: &File, words: &[Word]) -> Vec<(usize, String)> {
    const CRATES: [&str; 6] = [
        "actix_web",
        "rusqlite",
        "mongodb",
        "bson",
        "reqwest",
        "utoipa_swagger_ui",
    ];
    const PATHS: [&str; 2] = ["http", "web"];
    let is_service = file.path.starts_with("crates/groups/")
        && (file.path.ends_with("/service.rs") || file.path.contains("/service/"));
    if !is_service {
        return Vec::new();
    }
    words
        .iter()
        .enumerate()
        .filter(|(index, word)| {
            let text = word.text.as_str();
            CRATES.contains(&text) || PATHS.contains(&text) && begins_path(words, *index)
        })
        .map(|(_, word)| {
            let advice = "a service knows neither HTTP nor a driver: answer in routes.rs, ask in store.rs, fetch in a client of its own";
            (word.line, format!("'{}': {advice}", word.text))
        })
        .collect()
}

fn cfg_feature(file: &File, words: &[Word]) -> Vec<(usize, String)> {
    let at_home = ["crates/platform/", "crates/bridges/", "crates/console/"];
    if at_home.iter().any(|home| file.path.starts_with(home)) {
        return Vec::new();
    }
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| matches!(word.text.as_str(), "cfg" | "cfg_attr"))
        .filter(|(index, _)| {
            words[index + 1..]
                .iter()
                .skip_while(|word| word.text == "!")
                .take_while(|word| !matches!(word.text.as_str(), "]" | ";" | "{"))
                .any(|word| word.text == "feature")
        })
        .map(|(_, word)| {
            let advice = "features choose groups and bridges only: read a setting, or use `required-features` in the Cargo.toml of bins";
            (word.line, format!("cfg(feature): {advice}"))
        })
        .collect()
}

/// `#[ignore = "started by …"]`: the entry of a process that another test starts.
fn is_started_by_others(words: &[Word], index: usize) -> bool {
    words
        .get(index + 2)
        .is_some_and(|reason| reason.text.starts_with("\"started by "))
}

fn unfinished(_file: &File, words: &[Word]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).map_or("", |word| word.text.as_str());
        let before = index
            .checked_sub(1)
            .map_or("", |index| words[index].text.as_str());
        let complaint = match word.text.as_str() {
            "todo" | "unimplemented" if next == "!" => "write it, or leave it out",
            "ignore" if before == "[" && !is_started_by_others(words, index) => {
                "mend the test or delete it: an ignored test proves nothing"
            }
            _ => continue,
        };
        found.push((word.line, format!("'{}': {complaint}", word.text)));
    }
    found
}

fn unknown_fields(file: &File, words: &[Word]) -> Vec<(usize, String)> {
    if !file.path.starts_with("crates/contracts/") {
        return Vec::new();
    }
    words
        .iter()
        .filter(|word| word.text == "deny_unknown_fields")
        .map(|word| {
            let advice = "a contract type must read what a newer process sends: drop it (public bodies refuse unknown fields in the extractor)";
            (word.line, format!("'deny_unknown_fields': {advice}"))
        })
        .collect()
}

fn floats(file: &File, words: &[Word]) -> Vec<(usize, String)> {
    let in_group = file.path.starts_with("crates/groups/")
        && file.path.contains("/src/")
        && !file.path.ends_with("/metrics.rs");
    if !in_group && !file.path.starts_with("crates/contracts/") {
        return Vec::new();
    }
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| matches!(word.text.as_str(), "f32" | "f64"))
        // A schema may describe an exact number as a JSON number: `#[schema(value_type = f64)]`.
        .filter(|(index, _)| !preceded_by(words, *index, &["value_type", "="]))
        .map(|(_, word)| {
            let advice = "money and figures are never a float: take kernel::Amount, kernel::Money or Decimal (metrics.rs may observe one)";
            (word.line, format!("'{}': {advice}", word.text))
        })
        .collect()
}

fn vague_modules(_file: &File, words: &[Word]) -> Vec<(usize, String)> {
    words
        .windows(2)
        .filter(|pair| pair[0].text == "mod" && super::files::is_vague(&pair[1].text))
        .map(|pair| {
            let advice = "name a module after the one thing that it holds";
            (pair[1].line, format!("module '{}': {advice}", pair[1].text))
        })
        .collect()
}

#[test]
fn actix_stands_only_in_its_rooms() {
    assert_none(in_every_file(load::workspace(), actix));
}

#[test]
fn services_know_neither_http_nor_a_driver() {
    assert_none(in_every_file(load::workspace(), service));
}

#[test]
fn features_stand_only_in_platform_bridges_and_console() {
    assert_none(in_every_file(load::workspace(), cfg_feature));
}

#[test]
fn nothing_is_left_unfinished() {
    assert_none(in_every_file(load::workspace(), unfinished));
}

#[test]
fn contracts_ignore_unknown_fields() {
    assert_none(in_every_file(load::workspace(), unknown_fields));
}

#[test]
fn money_is_no_float() {
    assert_none(in_every_file(load::workspace(), floats));
}

#[test]
fn modules_have_precise_names() {
    assert_none(in_every_file(load::workspace(), vague_modules));
}

fn findings(rule: Rule, path: &str, text: &str) -> Vec<String> {
    let workspace = Workspace {
        files: vec![file(path, text)],
        ..Workspace::default()
    };
    in_every_file(&workspace, rule)
}

#[test]
fn actix_in_a_store_is_found_with_its_line() {
    let text = "\n// actix_web in a comment\nuse actix_web::HttpResponse;\n";
    assert_one(
        &findings(actix, "crates/groups/auth/src/store.rs", text),
        &["auth/src/store.rs:3:", "routes.rs"],
    );
    for path in [
        "crates/groups/auth/src/routes.rs",
        "crates/groups/a/src/b/routes/c.rs",
        "crates/kernel/web/src/x.rs",
        "crates/groups/auth/tests/it/fake_mail.rs",
    ] {
        assert_none(findings(actix, path, text));
    }
}

#[test]
fn http_and_drivers_in_a_service_are_found() {
    let path = "crates/groups/auth/src/sessions/service.rs";
    for text in [
        "use http::StatusCode;",
        "fn f() { web::ok() }",
        "use rusqlite::Row;",
        "type A = bson::Document;",
    ] {
        assert_one(
            &findings(service, path, text),
            &["sessions/service.rs:1:", "neither HTTP nor a driver"],
        );
    }
    assert_none(findings(
        service,
        path,
        "fn f(http: Client) { http.get(\"mongodb\") }",
    ));
}

#[test]
fn a_feature_in_a_group_is_found() {
    let path = "crates/groups/auth/src/lib.rs";
    for text in [
        "#[cfg(feature = \"x\")] fn f() {}",
        "#[cfg(all(test, not(feature = \"x\")))] fn f() {}",
        "#[cfg_attr(feature = \"x\", derive(Debug))] struct S;",
        "fn f() { if cfg!(feature = \"x\") {} }",
    ] {
        assert_one(
            &findings(cfg_feature, path, text),
            &["cfg(feature)", "required-features"],
        );
    }
    assert_none(findings(cfg_feature, path, "#[cfg(test)] mod feature {}"));
    assert_none(findings(
        cfg_feature,
        "crates/platform/src/lib.rs",
        "#[cfg(feature = \"x\")] fn f() {}",
    ));
}

#[test]
fn stubs_and_ignored_tests_are_found() {
    let path = "crates/groups/auth/src/lib.rs";
    for text in [
        "fn f() { todo!() }",
        "fn f() { unimplemented!(\"x\") }",
        "#[ignore] #[test] fn f() {}",
        "#[ignore = \"\"] fn f() {}",
    ] {
        assert_eq!(findings(unfinished, path, text).len(), 1, "{text}");
    }
    assert_none(findings(unfinished, path, "fn f() { let todo = ignore; }"));
    assert_none(findings(
        unfinished,
        path,
        "#[ignore = \"started by the tests\"] fn f() {}",
    ));
}

#[test]
fn a_contract_that_refuses_unknown_fields_is_found() {
    let text = "#[serde(deny_unknown_fields)] pub struct S;";
    assert_one(
        &findings(unknown_fields, "crates/contracts/auth/src/users.rs", text),
        &["users.rs:1:", "extractor"],
    );
    assert_none(findings(
        unknown_fields,
        "crates/kernel/runtime/src/settings.rs",
        text,
    ));
}

#[test]
fn a_float_in_a_model_is_found() {
    let text = "struct Account { balance: f64 }";
    assert_one(
        &findings(floats, "crates/groups/finance/src/models.rs", text),
        &["models.rs:1:", "kernel::Money"],
    );
    assert_one(
        &findings(floats, "crates/contracts/finance/src/ledger.rs", text),
        &["'f64'"],
    );
    assert_none(findings(floats, "crates/groups/finance/src/metrics.rs", text));
    let described = "struct Answer { #[schema(value_type = f64)] balance: Amount }";
    assert_none(findings(floats, "crates/groups/finance/src/models.rs", described));
}

#[test]
fn a_vague_module_is_found() {
    assert_one(
        &findings(vague_modules, "crates/kernel/web/src/lib.rs", "mod utils { }"),
        &["module 'utils'"],
    );
}

#[test]
fn a_file_that_is_not_rust_is_found() {
    assert_one(
        &findings(actix, "crates/kernel/web/src/lib.rs", "fn f( {"),
        &["cannot be read as Rust"],
    );
}
