use super::contract;
use rpc::schema::{
    GroupContract,
    committed::{CommittedError, check_or_update},
    compatible,
};
use serde_json::json;
use std::{fs, path::PathBuf};

struct Room {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Room {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("contract.json");
        Self {
            _folder: folder,
            file,
        }
    }

    fn with(contract: &GroupContract) -> Self {
        let room = Self::empty();
        check_or_update(&room.file, contract, true).unwrap();
        room
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }
}

fn old() -> GroupContract {
    contract(|_| {})
}

fn grown() -> GroupContract {
    contract(|method| {
        method.arguments["properties"]["limit"] = json!({"type": "integer"});
    })
}

fn broken() -> GroupContract {
    contract(|method| {
        method.arguments["properties"]["limit"] = json!({"type": "integer"});
        method.arguments["required"] = json!(["limit"]);
    })
}

fn raised(mut contract: GroupContract) -> GroupContract {
    contract.version += 1;
    contract
}

#[test]
fn the_committed_file_is_the_contract() {
    let room = Room::with(&old());
    check_or_update(&room.file, &old(), false).unwrap();
    let read: GroupContract = serde_json::from_str(&room.text()).unwrap();
    assert_eq!(read, old());
    assert!(room.text().ends_with("}\n") && room.text().contains("\n  \"group\": \"desk\""));
}

#[test]
fn a_missing_file_is_written_when_it_may_be() {
    let room = Room::empty();
    let error = check_or_update(&room.file, &old(), false).unwrap_err();
    assert!(error.to_string().contains("UPDATE_CONTRACTS=1"), "{error}");
    assert!(!room.file.exists());
    check_or_update(&room.file, &old(), true).unwrap();
    check_or_update(&room.file, &old(), false).unwrap();
}

#[test]
fn growth_is_a_difference_to_commit() {
    let room = Room::with(&old());
    let before = room.text();
    let error = check_or_update(&room.file, &grown(), false).unwrap_err();
    assert!(matches!(error, CommittedError::Differs { .. }), "{error}");
    assert!(error.to_string().contains("UPDATE_CONTRACTS=1"), "{error}");
    assert_eq!(room.text(), before);
    check_or_update(&room.file, &grown(), true).unwrap();
    assert_ne!(room.text(), before);
}

#[test]
fn a_break_is_refused_by_name_whoever_asks() {
    let room = Room::with(&old());
    let before = room.text();
    for update in [false, true] {
        let error = check_or_update(&room.file, &broken(), update).unwrap_err();
        let told = error.to_string();
        assert!(
            told.contains("- desk.notes.read, arguments.limit: the client does not send it"),
            "{told}"
        );
        assert!(told.contains("raise VERSION"), "{told}");
        assert_eq!(room.text(), before);
    }
}

#[test]
fn a_break_with_a_raised_version_is_a_difference_to_commit() {
    let room = Room::with(&old());
    let contract = raised(broken());
    let error = check_or_update(&room.file, &contract, false).unwrap_err();
    assert!(matches!(error, CommittedError::Differs { .. }), "{error}");
    check_or_update(&room.file, &contract, true).unwrap();
    check_or_update(&room.file, &contract, false).unwrap();
}

#[test]
fn a_version_is_never_taken_back() {
    let room = Room::with(&raised(old()));
    let error = check_or_update(&room.file, &old(), true).unwrap_err();
    assert!(matches!(error, CommittedError::Older { .. }), "{error}");
}

#[test]
fn only_older_clients_have_to_be_understood() {
    let room = Room::with(&old());
    let mut more = old();
    let method = more.contracts["desk.notes"].methods["read"].clone();
    let notes = more.contracts.get_mut("desk.notes").unwrap();
    notes.methods.insert("list".to_owned(), method);
    assert!(
        !compatible(&more, &old()).is_empty(),
        "a newer client asks an older server in vain"
    );
    check_or_update(&room.file, &more, true).unwrap();
}

#[test]
fn what_is_no_contract_is_not_written_over() {
    let room = Room::empty();
    fs::write(&room.file, "<<<<<<< main\n").unwrap();
    let error = check_or_update(&room.file, &old(), true).unwrap_err();
    assert!(matches!(error, CommittedError::Unreadable { .. }), "{error}");
    assert_eq!(room.text(), "<<<<<<< main\n");
}

#[test]
fn an_unsound_document_is_not_committed() {
    let room = Room::empty();
    let contract = contract(|method| method.answer = json!({"$ref": "#/schemas/Lost"}));
    let error = check_or_update(&room.file, &contract, true).unwrap_err();
    assert!(
        error.to_string().contains("the type 'Lost' is referred to"),
        "{error}"
    );
    assert!(!room.file.exists());
}
